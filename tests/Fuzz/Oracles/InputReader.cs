using System.Buffers.Binary;

namespace Adam.Fuzz.Oracles;

/// <summary>Reads the front of an input as numbers that steer the test. Behind the end everything is 0.</summary>
internal ref struct InputReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _rest = input;

    public readonly bool IsEmpty => _rest.IsEmpty;

    /// <summary>What is left.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte() => (byte)Number(1);

    public ushort UInt16() => (ushort)Number(2);

    public ulong UInt64() => Number(8);

    /// <summary>The next bytes, as many as there are.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        var taken = _rest[..Math.Min(length, _rest.Length)];
        _rest = _rest[taken.Length..];
        return taken;
    }

    private ulong Number(int size)
    {
        Span<byte> digits = stackalloc byte[8];
        digits.Clear();
        Take(size).CopyTo(digits);
        return BinaryPrimitives.ReadUInt64LittleEndian(digits);
    }
}
