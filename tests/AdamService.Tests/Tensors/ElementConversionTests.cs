using System.Globalization;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Tensors;

/// <summary>Conversions of every width against a scalar reference that searches for the nearest number.</summary>
public sealed class ElementConversionTests
{
    private static readonly ushort[] AllPatterns = [.. Enumerable.Range(0, 1 << 16).Select(pattern => (ushort)pattern)];

    public static TheoryData<string> Widths => [.. Enum.GetNames<ConversionWidth>()];

    [Theory]
    [MemberData(nameof(Widths))]
    public void WidenFloat16_EveryPattern_IsTheSameNumber(string width)
    {
        var widened = new float[AllPatterns.Length];

        ElementConversion.Widen<Float16Conversion>(AllPatterns, widened, Enum.Parse<ConversionWidth>(width));

        Bits.AssertSame([.. AllPatterns.Select(pattern => (float)BitConverter.UInt16BitsToHalf(pattern))], widened, "pattern");
        Assert.All(AllPatterns, pattern => Assert.Equal(pattern >> 15, (int)(BitConverter.SingleToUInt32Bits(widened[pattern]) >> 31)));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void WidenBFloat16_EveryPattern_IsTheUpperHalf(string width)
    {
        var widened = new float[AllPatterns.Length];

        ElementConversion.Widen<BFloat16Conversion>(AllPatterns, widened, Enum.Parse<ConversionWidth>(width));

        Assert.All(AllPatterns, pattern => Assert.Equal((uint)pattern << 16, BitConverter.SingleToUInt32Bits(widened[pattern])));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Narrow_WidenedPatterns_AreTheSamePatterns(string width)
    {
        var (widened, narrowed) = (new float[AllPatterns.Length], new ushort[AllPatterns.Length]);

        ElementConversion.WidenFloat16(AllPatterns, widened);
        ElementConversion.Narrow<Float16Conversion>(widened, narrowed, Enum.Parse<ConversionWidth>(width));
        Assert.All(AllPatterns, pattern => Assert.Equal(IsNaN(pattern, 10) ? pattern | 0x200 : pattern, narrowed[pattern]));

        ElementConversion.WidenBFloat16(AllPatterns, widened);
        ElementConversion.Narrow<BFloat16Conversion>(widened, narrowed, Enum.Parse<ConversionWidth>(width));
        Assert.All(AllPatterns, pattern => Assert.Equal(IsNaN(pattern, 7) ? pattern | 0x40 : pattern, narrowed[pattern]));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void NarrowToFloat16_AroundEveryTie_IsTheNearest(string width)
    {
        var values = AroundTies(pattern => (float)BitConverter.UInt16BitsToHalf(pattern), 0x7C00);
        var narrowed = new ushort[values.Length];

        ElementConversion.Narrow<Float16Conversion>(values, narrowed, Enum.Parse<ConversionWidth>(width));

        AssertEach(values, value => BitConverter.HalfToUInt16Bits((Half)value), narrowed);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void NarrowToBFloat16_AroundEveryTie_IsTheNearest(string width)
    {
        var values = AroundTies(pattern => BitConverter.UInt32BitsToSingle((uint)pattern << 16), 0x7F80);
        var narrowed = new ushort[values.Length];

        ElementConversion.Narrow<BFloat16Conversion>(values, narrowed, Enum.Parse<ConversionWidth>(width));

        AssertEach(values, value => Nearest.BFloat16(value), narrowed);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void EveryLength_AnyWidth_IsWhatTheReferenceGivesAndNoMore(string name)
    {
        var width = Enum.Parse<ConversionWidth>(name);
        for (var length = 0; length <= 129; length++)
        {
            float[] values = [.. Floats.Random(length, length + 1).Select((value, i) => i % 7 == 3 ? Special(i) : value * MathF.Pow(10, (i % 19) - 9))];
            ushort[] patterns = [.. values.Select(value => (ushort)BitConverter.SingleToUInt32Bits(value))];
            var (narrow, widen) = (new ushort[length + 1], new float[length + 1]);

            ElementConversion.Narrow<Float16Conversion>(values, narrow, width);
            AssertEach(values, Float16Conversion.Narrow, narrow);
            ElementConversion.Narrow<BFloat16Conversion>(values, narrow, width);
            AssertEach(values, BFloat16Conversion.Narrow, narrow);
            ElementConversion.Widen<Float16Conversion>(patterns, widen, width);
            Assert.All(Enumerable.Range(0, length), i => Assert.Equal(
                BitConverter.SingleToUInt32Bits(Float16Conversion.Widen(patterns[i])), BitConverter.SingleToUInt32Bits(widen[i])));

            // The place behind the end is untouched.
            Assert.Equal((0, 0f), (narrow[length], widen[length]));
        }
    }

    [Fact]
    public void Convert_BetweenTheShortTypes_GoesThroughFloat32()
    {
        var (bfloat16, float16) = (new ushort[AllPatterns.Length], new ushort[AllPatterns.Length]);

        ElementConversion.Float16ToBFloat16(AllPatterns, bfloat16);
        ElementConversion.BFloat16ToFloat16(AllPatterns, float16);

        Assert.All(AllPatterns, pattern =>
        {
            Assert.Equal(BFloat16Conversion.Narrow(Float16Conversion.Widen(pattern)), bfloat16[pattern]);
            Assert.Equal(Float16Conversion.Narrow(BFloat16Conversion.Widen(pattern)), float16[pattern]);
        });
    }

    [Fact]
    public void Convert_NotEnoughRoom_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => ElementConversion.WidenFloat16(new ushort[2], new float[1]));
        Assert.Throws<ArgumentException>(() => ElementConversion.WidenBFloat16(new ushort[2], new float[1]));
        Assert.Throws<ArgumentException>(() => ElementConversion.NarrowToFloat16(new float[2], new ushort[1]));
        Assert.Throws<ArgumentException>(() => ElementConversion.NarrowToBFloat16(new float[2], new ushort[1]));
        Assert.Throws<ArgumentException>(() => ElementConversion.Float16ToBFloat16(new ushort[2], new ushort[1]));
        Assert.Throws<ArgumentException>(() => ElementConversion.BFloat16ToFloat16(new ushort[2], new ushort[1]));
    }

    private static bool IsNaN(ushort pattern, int mantissaBits) =>
        (pattern & 0x7FFF) >> mantissaBits == 0x7FFF >> mantissaBits && (pattern & ((1 << mantissaBits) - 1)) != 0;

    // For each pair of neighbours: the numbers themselves, the middle, and the float32 numbers on both sides of it; with both signs.
    private static float[] AroundTies(Func<ushort, float> widen, ushort infinity)
    {
        var values = new List<float> { float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, 0f, -0f };
        for (ushort pattern = 0; pattern < infinity; pattern++)
        {
            double lower = widen(pattern);
            double upper = pattern + 1 == infinity ? lower + (lower - widen((ushort)(pattern - 1))) : widen((ushort)(pattern + 1));
            var middle = (float)((lower + upper) / 2);
            foreach (var value in new[] { (float)lower, middle, MathF.BitIncrement(middle), MathF.BitDecrement(middle) })
            {
                values.Add(value);
                values.Add(-value);
            }
        }

        return [.. values];
    }

    private static float Special(int index) => (index % 5) switch
    {
        0 => float.NaN,
        1 => float.NegativeInfinity,
        2 => 1e-41f,
        3 => 6e-8f,
        _ => 65520f,
    };

    private static void AssertEach(float[] values, Func<float, ushort> expected, ushort[] actual)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (expected(values[i]) != actual[i])
            {
                Assert.Fail(string.Create(
                    CultureInfo.InvariantCulture, $"{values[i]:R}: expected 0x{expected(values[i]):X4}, but it is 0x{actual[i]:X4}."));
            }
        }
    }
}
