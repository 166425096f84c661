using Adam.Engine.Numerics;

namespace Adam.Engine.Kernels;

/// <summary>
/// What was measured of one block. Blocks are measured by themselves and added in order, so no report depends on who computed what.
/// </summary>
internal struct BlockMeasures
{
    /// <summary>Elements of a block: what NumPy cuts sums by.</summary>
    public const int BlockLength = PairwiseSum.BlockLength;

    /// <summary>Squares of the gradient as it enters clipping, for the report.</summary>
    public double GradientSquares;

    /// <summary>Squares of what was added to the weights, for the report.</summary>
    public double UpdateSquares;

    /// <summary>Squares of the gradient as it enters clipping, in Keras's arithmetic and NumPy's order.</summary>
    public float ClipSquares;

    /// <summary>How many elements of the gradient were NaN or infinite as they came in.</summary>
    public int NonFinite;
}
