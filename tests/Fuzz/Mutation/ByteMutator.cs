using System.Buffers.Binary;
using Adam.Fuzz.Randomness;

namespace Adam.Fuzz.Mutation;

/// <summary>Changes bytes without knowing what they mean.</summary>
internal static class ByteMutator
{
    // What may come out at most: inputs are to be many, not large.
    private const int LengthMax = 8 << 10;

    /// <summary>Makes an input of a seed, and sometimes of a part of another one.</summary>
    public static byte[] Mutate(byte[] seed, byte[] other, Prng random)
    {
        var bytes = new List<byte>(seed);
        for (var left = random.OneIn(4) ? random.Between(1, 16) : random.Between(1, 3); left > 0; left--)
        {
            Step(bytes, other, random);
        }

        if (bytes.Count > LengthMax)
        {
            bytes.RemoveRange(LengthMax, bytes.Count - LengthMax);
        }

        return [.. bytes];
    }

    private static void Step(List<byte> bytes, byte[] other, Prng random)
    {
        var at = random.Below(bytes.Count + 1);
        var rest = bytes.Count - at;
        switch (random.Below(11))
        {
            case 0 or 1 when rest > 0:
                bytes[at] ^= (byte)(1 << random.Below(8));
                break;
            case 2 when rest > 0:
                bytes[at] = (byte)random.Next();
                break;
            case 3:
                bytes.InsertRange(at, random.Bytes(random.Length(64)));
                break;
            case 4 when rest > 0:
                bytes.RemoveRange(at, Math.Min(rest, 1 + random.Length(64)));
                break;
            case 5 or 6:
                WriteInteger(bytes, at, random);
                break;
            case 7:
                // Splice: the beginning of this one, the end of the other.
                bytes.RemoveRange(at, rest);
                bytes.AddRange(other.AsSpan(random.Below(other.Length + 1)));
                break;
            case 8:
                bytes.RemoveRange(at, rest);
                break;
            case 9 when rest > 0:
                Repeat(bytes, at, Math.Min(rest, 1 + random.Length(64)), random.OneIn(16) ? random.Below(1000) : random.Between(1, 4));
                break;
            default:
                bytes.Add((byte)random.Next());
                break;
        }
    }

    private static void WriteInteger(List<byte> bytes, int at, Prng random)
    {
        var value = Interesting.Integer(random);
        Span<byte> digits = stackalloc byte[8];
        if (random.OneIn(2))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(digits, value);
        }
        else
        {
            // Big-endian numbers of fewer bytes are the last ones of eight.
            BinaryPrimitives.WriteUInt64BigEndian(digits, value);
        }

        var size = 1 << random.Below(4);
        var chosen = random.OneIn(2) ? digits[..size] : digits[^size..];
        for (var i = 0; i < size; i++)
        {
            if (at + i < bytes.Count)
            {
                bytes[at + i] = chosen[i];
            }
            else
            {
                bytes.Add(chosen[i]);
            }
        }
    }

    private static void Repeat(List<byte> bytes, int at, int length, int times)
    {
        var part = bytes.GetRange(at, length);
        for (var i = 0; i < times && bytes.Count < LengthMax; i++)
        {
            bytes.InsertRange(at, part);
        }
    }
}
