namespace Adam.Engine.Kernels;

/// <summary>Where binary64 has bits that float32 has not.</summary>
internal static class Float64Bits
{
    /// <summary>The mantissa bits below the last one of float32.</summary>
    public const ulong CutMask = (1UL << 29) - 1;

    /// <summary>The last mantissa bit of float32.</summary>
    public const ulong StickyBit = 1UL << 29;
}
