using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>Eight sums in memory.</summary>
[InlineArray(Length)]
internal struct ScalarSums
{
    public const int Length = 8;

    private double _first;
}
