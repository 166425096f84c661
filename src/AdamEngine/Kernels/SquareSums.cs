using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Adam.Engine.Kernels;

/// <summary>
/// The sum of squares of a block, for reports: float32 squares, added up in float32 lanes over a leaf of elements and in double over the leaves.
/// Good to about one part in a million, at two operations for each vector.
/// </summary>
/// <remarks>
/// Squares of elements beyond 1.8e19 overflow, those of elements below 1e-19 lose bits. <see cref="IsReliable"/> tells where that may have
/// happened.
/// </remarks>
internal unsafe struct SquareSums
{
    /// <summary>Sums side by side, whatever the width of the kernel.</summary>
    public const int Lanes = 16;

    /// <summary>Elements after which the lanes are emptied: each has then added 64 squares. Leaves are counted from the variable's beginning.</summary>
    public const int LeafLength = 1024;

    // 2^-80: below it, squares that were rounded to denormal numbers, 1024 of 2^-126, may have counted. 2^126: beyond it, one more square overflows.
    private const double ReliableMin = 1.0 / (1UL << 40) / (1UL << 40);
    private const double ReliableMax = (double)(1UL << 63) * (1UL << 63);

    /// <summary>The lanes of the leaf that is being added up.</summary>
    public fixed float Leaf[Lanes];

    private fixed double _leaves[Lanes];

    /// <summary>Whether overflow and denormal numbers can have played no part in a sum.</summary>
    public static bool IsReliable(double squares) => squares is >= ReliableMin and <= ReliableMax;

    /// <summary>Empties the lanes.</summary>
    public void EndLeaf()
    {
        fixed (float* leaf = Leaf)
        fixed (double* leaves = _leaves)
        {
            Vector512<float> lanes = Vector512.Load(leaf);
            (Vector512<double> lower, Vector512<double> upper) = Vector512.Widen(lanes);
            (Vector512.Load(leaves) + lower).Store(leaves);
            (Vector512.Load(leaves + 8) + upper).Store(leaves + 8);
            Vector512<float>.Zero.Store(leaf);
        }
    }

    /// <summary>The sum of all leaves.</summary>
    public double Total()
    {
        double total = 0;
        for (int lane = 0; lane < Lanes; lane++)
        {
            total += _leaves[lane];
        }

        return total;
    }
}
