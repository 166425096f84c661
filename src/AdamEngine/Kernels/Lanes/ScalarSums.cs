using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>Sixteen sums in memory.</summary>
[InlineArray(SquareSums.Lanes)]
internal struct ScalarSums
{
    private float _first;
}
