namespace Adam.Engine.Kernels;

/// <summary>A compiled loop over part of one variable. One virtual call a block of 8192 elements; none within.</summary>
internal abstract class Kernel
{
    /// <summary>Does one block.</summary>
    /// <param name="arguments">The variable.</param>
    /// <param name="start">The first element: a multiple of <see cref="BlockMeasures.BlockLength"/>.</param>
    /// <param name="count">At most <see cref="BlockMeasures.BlockLength"/>.</param>
    /// <param name="measures">What the kernel measures is set, the rest is left.</param>
    public abstract void Run(in KernelArguments arguments, long start, int count, ref BlockMeasures measures);
}
