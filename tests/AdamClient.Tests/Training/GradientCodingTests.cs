using System.Buffers.Binary;
using Adam.Client.Internal;
using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Training;

/// <summary>The encoders beside the definitions, one element at a time: every length, and every number that is special.</summary>
public sealed class GradientCodingTests
{
    private const int LongestTail = 200;

    private static readonly uint[] SpecialBits =
    [
        0x0000_0000, 0x8000_0000, 0x0000_0001, 0x8000_0001, 0x007F_FFFF, 0x0080_0000, 0x3F80_0000, 0xBF80_0000, 0x7F7F_FFFF, 0xFF7F_FFFF,
        0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_0000, 0x7F80_0001, 0xFFFF_FFFF, 0x7FA5_5AA5, 0x3F80_8000, 0x3F81_8000, 0x3F80_8001, 0x3F80_7FFF,
        0x3F80_1000, 0x3F80_3000, 0x3F80_1001, 0x477F_E000, 0x477F_EFFF, 0x477F_F000, 0xC77F_F000, 0x3880_0000, 0x387F_C000, 0x3300_0000, 0x3300_0001, 0x32FF_FFFF,
        0x3880_1000, 0x387F_E000,
    ];

    public static TheoryData<GradientEncoding> Encodings => [GradientEncoding.BFloat16, GradientEncoding.Float16, GradientEncoding.Int8Blocks];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void EncodeBlock_EveryLength_IsTheDefinition(GradientEncoding encoding)
    {
        for (var length = 1; length <= LongestTail; length++)
        {
            AssertAsDefined(encoding, Numbers(length, length, 1e-3f));
        }

        AssertAsDefined(encoding, Numbers(7, GradientCoding.BlockElements, 100f));
        AssertAsDefined(encoding, Numbers(8, GradientCoding.BlockElements - 1, 1e-43f));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void EncodeBlock_SpecialNumberAnywhere_IsTheDefinition(GradientEncoding encoding)
    {
        foreach (var bits in SpecialBits)
        {
            for (var place = 0; place < 70; place++)
            {
                var values = Numbers(place, 71, 1f);
                values[place] = BitConverter.UInt32BitsToSingle(bits);
                AssertAsDefined(encoding, values);
                Array.Clear(values);
                values[place] = BitConverter.UInt32BitsToSingle(bits);
                AssertAsDefined(encoding, values);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void EncodeBlock_AnyBits_IsTheDefinition(GradientEncoding encoding)
    {
        var random = new Random(5);
        var bytes = new byte[64 * sizeof(float)];
        for (var draw = 0; draw < 3000; draw++)
        {
            random.NextBytes(bytes);
            AssertAsDefined(encoding, [.. bytes.Chunk(4).Select(chunk => BinaryPrimitives.ReadSingleLittleEndian(chunk))]);
        }
    }

    // Quotients that lie between two integers, and blocks so small that the scale is a subnormal number or nothing.
    [Theory]
    [InlineData(127f)]
    [InlineData(254f)]
    [InlineData(1.1754944E-38f)]
    [InlineData(2.66E-43f)]
    [InlineData(1.4E-45f)]
    [InlineData(float.MaxValue)]
    public void EncodeBlock_TiesAndTinyScales_AreTheDefinition(float largest)
    {
        float[] values = [largest, .. Enumerable.Range(-127, 254).Select(i => (i + 0.5f) * (largest / 127)), -largest];

        AssertAsDefined(GradientEncoding.Int8Blocks, [.. values]);
        for (var start = 0; start + 13 < values.Length; start += 13)
        {
            // Too few for a vector.
            AssertAsDefined(GradientEncoding.Int8Blocks, [largest, .. values[start..(start + 13)]]);
        }
    }

    [Fact]
    public void AddAndOwe_EveryLength_AreTheDefinition()
    {
        for (var length = 0; length <= 70; length++)
        {
            var (wanted, owed) = (Numbers(length, length, 3f), Numbers(length + 1000, length, 1e-3f));
            if (length > 2)
            {
                (wanted[0], wanted[length / 2], owed[^1]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity);
            }

            float[] sums = [.. wanted.Zip(owed, (value, more) => value + more)];
            float[] rest = [.. wanted.Zip(owed, (value, sent) => float.IsFinite(value - sent) ? value - sent : 0)];
            var added = wanted.ToArray();

            Residuals.Add(added, owed);
            Residuals.Owe(wanted, owed);

            Assert.Equal(Bits.Of(sums), Bits.Of(added));
            Assert.Equal(Bits.Of(rest), Bits.Of(wanted));
        }
    }

    private static void AssertAsDefined(GradientEncoding encoding, float[] values)
    {
        var bytes = GradientCoding.Bytes(encoding, values.Length);
        var (chunk, expected) = (new byte[bytes], new byte[bytes]);
        var meant = values.ToArray();
        Define(encoding, meant, expected);
        AssertWholeIsTheSame(encoding, values, expected);

        GradientCoding.EncodeBlock(encoding, values, chunk, 0, values.Length);

        Assert.Equal(expected, chunk);
        Assert.Equal(Bits.Of(meant), Bits.Of(values));
    }

    private static void AssertWholeIsTheSame(GradientEncoding encoding, float[] values, byte[] expected)
    {
        var (chunk, before) = (new byte[expected.Length], Bits.Of(values));

        Assert.Equal(encoding != GradientEncoding.Int8Blocks, GradientCoding.TryEncode(encoding, values, chunk));

        Assert.Equal(encoding == GradientEncoding.Int8Blocks ? new byte[expected.Length] : expected, chunk);
        Assert.Equal(before, Bits.Of(values));
    }

    private static void Define(GradientEncoding encoding, float[] values, Span<byte> chunk)
    {
        if (encoding == GradientEncoding.Int8Blocks)
        {
            DefineInt8(values, chunk);
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(values[i]);
            var halfBits = BitConverter.HalfToUInt16Bits((Half)values[i]);
            var upper = float.IsNaN(values[i]) ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
            BinaryPrimitives.WriteUInt16LittleEndian(chunk[(2 * i)..], encoding == GradientEncoding.Float16 ? halfBits : (ushort)upper);
            values[i] = encoding == GradientEncoding.Float16
                ? (float)BitConverter.UInt16BitsToHalf(halfBits)
                : BitConverter.UInt32BitsToSingle(upper << 16);
        }
    }

    private static void DefineInt8(float[] values, Span<byte> chunk)
    {
        var largest = values.Aggregate(0f, (most, value) => MathF.Max(most, MathF.Abs(value)));
        var scale = float.IsFinite(largest) ? largest / 127 : float.NaN;
        BinaryPrimitives.WriteSingleLittleEndian(chunk, scale);
        for (var i = 0; i < values.Length; i++)
        {
            var quotient = scale > 0 ? (sbyte)Math.Clamp(MathF.Round(values[i] / scale, MidpointRounding.ToEven), -127f, 127f) : (sbyte)0;
            chunk[sizeof(float) + i] = (byte)quotient;
            values[i] = scale * quotient;
        }
    }

    private static float[] Numbers(int seed, int count, float unit)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => ((random.NextSingle() * 2) - 1) * unit)];
    }
}
