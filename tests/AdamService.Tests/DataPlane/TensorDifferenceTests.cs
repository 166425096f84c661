using Adam.Engine;
using Adam.Service.DataPlane;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Differences that are rounded once, whatever they are rounded to.</summary>
public sealed class TensorDifferenceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_003)]
    public void Subtract_RoundedLater_GivesWhatOneRoundingGives(int length)
    {
        // Two rounded numbers whose exponents lie so close that binary64 holds their difference exactly, many of them near ties of bfloat16.
        float[] old = [.. Floats.Random(length, 1).Select((value, i) => i % 3 == 0 ? value * 1e-3f : value)];
        float[] updated = [.. Floats.Random(length, 2).Select((value, i) => i % 2 == 0 ? value : NearTie(old[i], value))];
        using var buffer = TensorBuffer.Of(old);
        using var present = TensorBuffer.Of(updated);

        TensorDifference.Subtract(buffer.View, present.View, isRoundedLater: true);

        for (var i = 0; i < length; i++)
        {
            var exact = (double)updated[i] - old[i];
            Assert.Equal(Nearest.BFloat16(exact), BFloat16Conversion.Narrow(buffer.View.Span<float>()[i]));
            Assert.Equal(Nearest.Float16(exact), Float16Conversion.Narrow(buffer.View.Span<float>()[i]));
        }
    }

    [Fact]
    public void Subtract_NotRoundedLater_IsTheFloat32Difference()
    {
        var (old, updated) = (Floats.Random(1003, 1), Floats.Random(1003, 2));
        using var buffer = TensorBuffer.Of(old);
        using var present = TensorBuffer.Of(updated);

        TensorDifference.Subtract(buffer.View, present.View, isRoundedLater: false);

        Bits.AssertSame([.. updated.Zip(old, (value, before) => value - before)], buffer.View.Span<float>(), "difference");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Subtract_SpecialValues_AreThoseOfFloat32(bool isRoundedLater)
    {
        float[] special = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -float.MaxValue, 0f, -0f, 1f, float.Epsilon];
        float[] old = [.. special.SelectMany(_ => special)];
        float[] updated = [.. special.SelectMany(value => Enumerable.Repeat(value, special.Length))];
        using var buffer = TensorBuffer.Of(old);
        using var present = TensorBuffer.Of(updated);

        TensorDifference.Subtract(buffer.View, present.View, isRoundedLater);

        for (var i = 0; i < old.Length; i++)
        {
            Bits.AssertSame(
                Floats.FromBits(BFloat16Conversion.Narrow(updated[i] - old[i])),
                Floats.FromBits(BFloat16Conversion.Narrow(buffer.View.Span<float>()[i])),
                $"{updated[i]} - {old[i]}");
        }
    }

    [Fact]
    public void Subtract_Float16WidenedFirst_IsRoundedToFloat32Once()
    {
        Half[] old = [.. Floats.Random(1500, 1).Select(value => (Half)value)];
        Half[] updated = [.. Floats.Random(1500, 2).Select(value => (Half)(value * 60000))];
        using var before = TensorBuffer.Of(old);
        using var present = TensorBuffer.Of(updated);
        using var buffer = new TensorBuffer(TensorDType.Float32, old.Length);

        TensorDifference.CopyOld(before.View, buffer.View);
        TensorDifference.Subtract(buffer.View, present.View, isRoundedLater: false);

        Bits.AssertSame(
            [.. updated.Zip(old, (value, earlier) => (float)((double)value - (double)earlier))], buffer.View.Span<float>(), "difference");
    }

    // A number that lies half a unit of bfloat16, less a little, away from another: the float32 difference is a tie that the exact one is not.
    private static float NearTie(float old, float random)
    {
        var tie = BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(random) & 0xFFFF0000u) | 0x8000u);
        return tie + (old * 1e-6f) + old;
    }
}
