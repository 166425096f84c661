using System.Runtime.Intrinsics;

namespace Adam.Engine.Kernels;

/// <summary>Eight sums in four registers.</summary>
internal struct Sums128
{
    public Vector128<double> Lanes01;
    public Vector128<double> Lanes23;
    public Vector128<double> Lanes45;
    public Vector128<double> Lanes67;
}
