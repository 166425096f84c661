using System.Runtime.Intrinsics;

namespace Adam.Engine.Kernels;

/// <summary>Sixteen sums in two registers.</summary>
internal struct Sums256
{
    public Vector256<float> Lower;
    public Vector256<float> Upper;
}
