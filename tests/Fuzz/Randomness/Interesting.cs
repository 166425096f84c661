namespace Adam.Fuzz.Randomness;

/// <summary>Numbers at which code breaks: on, before and behind the edges of types and buffers.</summary>
internal static class Interesting
{
    private static readonly ulong[] Integers =
    [
        0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 63, 64, 100, 127, 128, 129, 255, 256, 257, 1000, 4095, 4096, 4097, 16383, 16384,
        65535, 65536, 65537, (1UL << 24) - 1, 1UL << 24, int.MaxValue - 1, int.MaxValue, 1UL << 31, (1UL << 31) + 1, uint.MaxValue, 1UL << 32,
        (1UL << 32) + 1, (1UL << 53) - 1, 1UL << 53, (1UL << 53) + 1, 1UL << 62, long.MaxValue - 1, long.MaxValue, 1UL << 63, (1UL << 63) + 1,
        ulong.MaxValue - 1, ulong.MaxValue,
    ];

    private static readonly double[] Reals =
    [
        0, -0.0, 1, -1, 0.5, 0.9, 0.999, 0.001, 1e-7, 1e-45, 2, 10, 1000, 65504, 65520, 1e9, 2147483647, 2147483648, 9007199254740993, 1e38, 3.5e38, 1e300,
        double.MaxValue, double.MinValue, double.Epsilon, double.NaN, double.PositiveInfinity, double.NegativeInfinity,
    ];

    /// <summary>An integer: mostly an interesting one or its neighbour, sometimes any.</summary>
    public static ulong Integer(Prng random) => random.Below(8) switch
    {
        0 => random.Next() >> random.Below(64),
        1 => unchecked(random.Pick(Integers) + (ulong)random.Between(-2, 2)),
        2 or 3 or 4 => (ulong)random.Below(12),
        _ => random.Pick(Integers),
    };

    /// <summary>A real number: mostly an interesting one.</summary>
    public static double Real(Prng random) => random.Below(6) switch
    {
        0 => BitConverter.UInt64BitsToDouble(random.Next()),
        1 => random.Below(2000) / 1000.0,
        _ => random.Pick(Reals),
    };
}
