using System.Runtime.Intrinsics;

namespace Adam.Engine.Kernels;

/// <summary>Sixteen sums in four registers.</summary>
internal struct Sums128
{
    public Vector128<float> Lanes0To3;
    public Vector128<float> Lanes4To7;
    public Vector128<float> Lanes8To11;
    public Vector128<float> Lanes12To15;
}
