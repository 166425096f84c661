using System.Collections.Immutable;

namespace Adam.Engine.Gradients;

/// <summary>
/// Checks a list of gradients as a whole before anything is changed. Stricter than Keras where Keras loses data silently: lists
/// cut to the shorter one, broadcast shapes, the same variable twice.
/// </summary>
internal sealed class GradientValidator(ImmutableArray<VariableSpec> variables)
{
    /// <summary>Keras's words for a list in which every gradient is <c>None</c>.</summary>
    public const string NoGradients = "No gradients provided for any variable.";

    private readonly long[] _counts = [.. variables.Select(variable => variable.ElementCount)];

    // The position of each variable's gradient, valid where the round is the present one: nothing is allocated or cleared for a step.
    private readonly int[] _positions = new int[variables.Length];
    private readonly long[] _rounds = new long[variables.Length];
    private long _round;

    /// <summary>Checks a list.</summary>
    /// <exception cref="GradientMismatchException">With every reason.</exception>
    public void ThrowIfMismatched(ReadOnlySpan<Gradient> gradients)
    {
        if (gradients.IsEmpty)
        {
            throw new GradientMismatchException([new GradientMismatch(-1, -1, NoGradients)]);
        }

        _round++;
        List<GradientMismatch>? mismatches = null;
        for (int position = 0; position < gradients.Length; position++)
        {
            if (!Fits(gradients[position], position))
            {
                (mismatches ??= []).Add(Explain(gradients[position], position));
            }
        }

        if (mismatches is not null)
        {
            throw new GradientMismatchException(mismatches);
        }
    }

    private bool Fits(in Gradient gradient, int position)
    {
        int index = gradient.VariableIndex;
        if (index < 0 || index >= _counts.Length || _rounds[index] == _round)
        {
            return false;
        }

        _rounds[index] = _round;
        _positions[index] = position;
        return variables[index].Role == VariableRole.Trainable
            && gradient.Values.ElementCount == ExpectedCount(gradient)
            && (gradient.Rows is null || RowsFit(gradient.Rows.GetValueOrDefault(), variables[index]))
            && gradient.Values.DType is TensorDType.Float32 or TensorDType.Float16 or TensorDType.BFloat16;
    }

    private long ExpectedCount(in Gradient gradient) => gradient.Rows is { } rows
        ? rows.Count * variables[gradient.VariableIndex].RowLength
        : _counts[gradient.VariableIndex];

    private static bool RowsFit(RowView rows, VariableSpec variable)
    {
        ReadOnlySpan<long> ids = rows.Ids;
        return variable.RowUpdates == RowUpdates.Lazy
            && RowSums.IsAscending(ids)
            && (ids.IsEmpty || (ids[0] >= 0 && ids[^1] < variable.RowCount));
    }

    private GradientMismatch Explain(in Gradient gradient, int position)
    {
        int index = gradient.VariableIndex;
        return new GradientMismatch(position, index, Reason(gradient, position, index));
    }

    private string Reason(in Gradient gradient, int position, int index)
    {
        if (index < 0 || index >= _counts.Length)
        {
            return $"Gradient {position} is for variable {index}, but the optimizer has {_counts.Length} variables.";
        }

        VariableSpec variable = variables[index];
        if (_positions[index] != position)
        {
            return $"Gradient {position} is for variable {index} ('{variable.Path}'), and so is gradient {_positions[index]}.";
        }

        if (variable.Role != VariableRole.Trainable)
        {
            return $"Gradient {position} is for variable {index} ('{variable.Path}'), which is {variable.Role} and takes no gradients.";
        }

        if (gradient.Rows is { } rows)
        {
            if (variable.RowUpdates != RowUpdates.Lazy)
            {
                return $"Gradient {position} lists rows of variable {index} ('{variable.Path}'), whose rows are not lazy; add them up to a dense one.";
            }

            if (!RowsFit(rows, variable))
            {
                return $"Gradient {position} for variable {index} ('{variable.Path}') lists rows that are not strictly ascending from 0 to "
                    + $"{variable.RowCount - 1}; sort them and add up those of the same row.";
            }
        }

        if (gradient.Rows is { Count: var count } && gradient.Values.ElementCount != ExpectedCount(gradient))
        {
            return $"Gradient {position} for variable {index} ('{variable.Path}') has {gradient.Values.ElementCount} elements, but its {count} rows of "
                + $"{variable.RowLength} have {ExpectedCount(gradient)}.";
        }

        return gradient.Values.ElementCount == ExpectedCount(gradient)
            ? $"Gradient {position} for variable {index} ('{variable.Path}') is of an unknown element type ({(int)gradient.Values.DType})."
            : $"Gradient {position} has {gradient.Values.ElementCount} elements, but variable {index} ('{variable.Path}', shape "
                + $"[{string.Join(", ", variable.Shape)}]) has {_counts[index]}.";
    }
}
