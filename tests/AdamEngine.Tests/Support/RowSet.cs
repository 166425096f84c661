using Adam.Engine.Kernels;

namespace Adam.Engine.Tests.Support;

/// <summary>Lists of rows as gradients in native memory, freed together.</summary>
internal sealed unsafe class RowSet : IDisposable
{
    private readonly List<TensorBuffer> _buffers = [];

    /// <summary>Adds up the lists with vectors of a width, and makes dense gradients of those for variables that are updated as a whole.</summary>
    public RowSet(
        IReadOnlyList<VariableSpec> variables, IEnumerable<(int Variable, TensorDType Stored, long[] Ids, float[] Values)> lists, KernelWidth width)
    {
        Gradients = [.. lists.Select(list => Make(variables[list.Variable], list.Variable, list.Stored, list.Ids, list.Values, width))];
    }

    public Gradient[] Gradients { get; }

    public void Dispose() => _buffers.ForEach(buffer => buffer.Dispose());

    /// <summary>Ids in native memory.</summary>
    public RowView Rows(ReadOnlySpan<long> ids)
    {
        TensorView view = Buffer(TensorDType.Int32, 2L * ids.Length);
        var place = new Span<long>(view.Address, ids.Length);
        ids.CopyTo(place);
        return new RowView((long*)view.Address, ids.Length);
    }

    private Gradient Make(VariableSpec variable, int index, TensorDType stored, long[] ids, float[] values, KernelWidth width)
    {
        TensorView listed = Buffer(stored, values.Length);
        listed.Write(values);
        TensorDType type = variable.GradientDType ?? variable.DType;
        ulong[] order = new ulong[ids.Length];
        long[] rows = new long[RowSums.Sort(ids, order)];
        if (variable.RowUpdates == RowUpdates.Dense)
        {
            TensorView dense = Buffer(type, variable.ElementCount);
            RowSums.ToDense(width, order, listed, variable.RowLength, dense);
            return new Gradient(index, dense);
        }

        if (RowSums.IsAscending(ids))
        {
            return new Gradient(index, listed) { Rows = Rows(ids) };
        }

        TensorView sums = Buffer(type, rows.Length * variable.RowLength);
        RowSums.Sum(width, order, listed, variable.RowLength, rows, sums);
        return new Gradient(index, sums) { Rows = Rows(rows) };
    }

    private TensorView Buffer(TensorDType dtype, long count)
    {
        var buffer = new TensorBuffer(dtype, count);
        _buffers.Add(buffer);
        return buffer.View;
    }
}
