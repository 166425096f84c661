namespace Adam.Engine.Tests.Reference;

/// <summary>
/// Lazy rows in whole arrays: every row is a variable of an <see cref="ArrayAdam"/> that counts for itself, and only clipping sees the rows
/// of a gradient together.
/// </summary>
internal sealed class RowsReference
{
    private readonly AdamOptions _options;
    private readonly IReadOnlyList<VariableSpec> _variables;

    public RowsReference(AdamOptions options, IReadOnlyList<VariableSpec> variables, IReadOnlyList<float[]> weights)
    {
        _options = options;
        _variables = variables;
        Rows = [.. variables.Select((variable, i) => Split(options, variable, weights[i]))];
        Steps = [.. variables.Select(variable => new int[variable.RowCount])];
    }

    /// <summary>The rows of each variable.</summary>
    public ArrayAdam[] Rows { get; }

    /// <summary>Updates of each row of each variable.</summary>
    public int[][] Steps { get; }

    /// <summary>A list of rows, each once and ascending, with those of the same row added up in the order of the list.</summary>
    /// <param name="variable">Whose rows they are.</param>
    /// <param name="ids">The list.</param>
    /// <param name="values">Its values, as they are stored.</param>
    public static (int[] Ids, NumpyArray Values) AddUp(VariableSpec variable, long[] ids, float[] values)
    {
        TensorDType type = variable.GradientDType ?? variable.DType;
        var sums = new SortedDictionary<int, NumpyArray>();
        foreach ((long id, float[] row) in ids.Zip(values.Chunk((int)variable.RowLength)))
        {
            NumpyArray read = new NumpyArray(type, row).Cast(type);
            sums[(int)id] = sums.TryGetValue((int)id, out NumpyArray? sum) ? sum + read : read;
        }

        return ([.. sums.Keys], new NumpyArray(type, [.. sums.Values.SelectMany(row => row.Values)]));
    }

    /// <summary>One step.</summary>
    /// <param name="gradients">The gradients in their order, as <see cref="AddUp"/> makes them.</param>
    /// <param name="dynamicScale">What a dynamic loss scale divides by; null without one.</param>
    /// <param name="rate">The learning rate.</param>
    public void Apply(IReadOnlyList<(int Variable, int[] Ids, NumpyArray Values)> gradients, float? dynamicScale, double rate)
    {
        NumpyArray[] g = [.. gradients.Select(gradient => gradient.Values)];
        if (dynamicScale is { } scale)
        {
            g = [.. g.Select(gradient => gradient / new NumpyArray(TensorDType.Float32, [scale]))];
        }
        else if (_options.LossScaleFactor is { } factor)
        {
            g = [.. g.Select(gradient => gradient / factor)];
        }

        g = ArrayAdam.Clip(_options, g);
        for (int p = 0; p < g.Length; p++)
        {
            (int variable, int[] ids, _) = gradients[p];
            foreach ((int id, float[] row) in ids.Zip(g[p].Values.Chunk((int)_variables[variable].RowLength)))
            {
                ArrayAdam rows = Rows[variable];
                int updates = Steps[variable][id]++;
                rows.Update(id, g[p] with { Values = row }, updates + 1, rate);
                rows.MoveAverage(id, updates);
                rows.Constrain(id);
            }
        }
    }

    private static ArrayAdam Split(AdamOptions options, VariableSpec variable, float[] weights)
    {
        VariableSpec row = variable with { Shape = [1, .. variable.Shape.Skip(1)] };
        return new ArrayAdam(options, [.. Enumerable.Repeat(row, (int)variable.RowCount)], [.. weights.Chunk((int)variable.RowLength)]);
    }
}
