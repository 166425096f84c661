namespace Adam.Engine.Kernels;

/// <summary>Numbers behind the conversions between binary16 and binary32, which the base class library does not have for vectors.</summary>
/// <remarks>
/// Reading: the magnitude's bits, moved to their place in a binary32, are the number with an exponent that is too small by 112; one exact
/// multiplication mends that, of subnormal numbers too. Infinity and NaN get the exponent bits that the multiplication cannot give.
/// Rounding: adding a power of two whose last place is the last place of the binary16 result, and taking it away again, rounds to
/// nearest, ties to even. It is 2^13 times the number's own power of two, because a binary32 has 13 more bits of mantissa.
/// </remarks>
internal static class Float16Bits
{
    public const uint SignMask = 0x8000;
    public const uint MagnitudeMask = 0x7FFF;
    public const uint Infinity = 0x7C00;
    public const uint NaN = 0x7E00;
    public const int MantissaShift = 13;

    /// <summary>Infinity after the shift; everything from here on is infinite or NaN.</summary>
    public const uint ShiftedInfinity = Infinity << MantissaShift;

    /// <summary>The exponent bits of a binary32.</summary>
    public const uint SingleInfinity = 0x7F80_0000;

    /// <summary>2^112: the difference of the two exponent biases.</summary>
    public const float ExponentShift = 5.192296858534828e+33f;

    /// <summary>2^-112.</summary>
    public const float ExponentUnshift = 1.925929944387236e-34f;

    /// <summary>2^-14, the smallest normal binary16. Below it the last place stays where it is.</summary>
    public const float SmallestNormal = 6.103515625e-05f;

    /// <summary>2^13.</summary>
    public const float RoundingFactor = 8192f;

    /// <summary>Halfway between the largest binary16 and the next power of two: from here on numbers round to infinity.</summary>
    public const float Overflow = 65520f;
}
