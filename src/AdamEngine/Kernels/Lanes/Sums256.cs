using System.Runtime.Intrinsics;

namespace Adam.Engine.Kernels;

/// <summary>Eight sums in two registers.</summary>
internal struct Sums256
{
    public Vector256<double> Lower;
    public Vector256<double> Upper;
}
