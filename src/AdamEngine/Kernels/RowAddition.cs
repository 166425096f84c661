namespace Adam.Engine.Kernels;

/// <summary>Adds values of one row to those of another, element by element, compiled for a width and the types of both.</summary>
internal abstract unsafe class RowAddition
{
    /// <summary>Adds a row, or copies it.</summary>
    /// <param name="source">Where the values are.</param>
    /// <param name="sourceStart">The first of them.</param>
    /// <param name="sums">Where they go.</param>
    /// <param name="sumsStart">The first place.</param>
    /// <param name="count">How many.</param>
    /// <param name="isFirst">Whether they take the places of what is there. Otherwise they are added.</param>
    public void Run(TensorView source, long sourceStart, TensorView sums, long sumsStart, long count, bool isFirst)
    {
        byte* from = (byte*)source.Slice(sourceStart, count).Address;
        byte* to = (byte*)sums.Slice(sumsStart, count).Address;
        Run(from, to, count, isFirst);
    }

    /// <summary>Adds elements to those of <paramref name="sums"/>, or copies them there.</summary>
    protected abstract void Run(byte* source, byte* sums, long count, bool isFirst);
}
