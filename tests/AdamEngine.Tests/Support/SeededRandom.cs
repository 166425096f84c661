namespace Adam.Engine.Tests.Support;

/// <summary>
/// SplitMix64: a small generator whose sequence depends on nothing but the seed, so that a failing draw can be repeated anywhere.
/// </summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15UL;
        ulong mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A whole number from 0 up to but not including the bound.</summary>
    public int Below(int bound) => (int)(NextBits() % (ulong)bound);

    public bool Chance(int oneIn) => Below(oneIn) == 0;

    public double Uniform() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    public double Between(double low, double high) => low + (high - low) * Uniform();

    public T Pick<T>(params ReadOnlySpan<T> items) => items[Below(items.Length)];

    /// <summary>Mostly ordinary numbers, sometimes tiny, huge, zero of either sign or subnormal, never NaN or infinite.</summary>
    public float NextFinite() => Below(12) switch
    {
        0 => 0f,
        1 => -0f,
        2 => BitConverter.UInt32BitsToSingle((uint)Below(1 << 23)),
        3 => (float)Between(-1e-22, 1e-22),
        4 => (float)Between(-1e20, 1e20),
        _ => (float)Between(-3, 3),
    };

    public float[] Finite(int length) => [.. Enumerable.Range(0, length).Select(_ => NextFinite())];

    /// <summary>A permutation of a random part of the indices; never empty unless there are none.</summary>
    public int[] Selection(int count)
    {
        int[] indices = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int other = Below(i + 1);
            (indices[i], indices[other]) = (indices[other], indices[i]);
        }

        return Chance(2) ? indices : indices[..(1 + Below(count))];
    }
}
