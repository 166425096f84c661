using System.Runtime.InteropServices;
using Adam.Engine.Kernels;
using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Gradients;

/// <summary>Every width converts as plain C# does, at every length, and touches nothing beside the elements.</summary>
public sealed unsafe class GradientConversionTests
{
    private const int LengthMax = (4 * 16) + 1;
    private const int Block = GradientConversion.Int8BlockElements;

    // Ties of both types, what rounding twice gets wrong, subnormals, overflows, and what is no number.
    private static readonly double[] Corners =
    [
        0, -0d, 1, -1, 0.1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.MinValue, double.Epsilon,
        1 + Math.Pow(2, -24), 1 + (3 * Math.Pow(2, -24)), 1 + Math.Pow(2, -24) + Math.Pow(2, -52), Math.Pow(2, -149), Math.Pow(2, -150), 1.5 * Math.Pow(2, -150),
        Math.Pow(2, -126) - Math.Pow(2, -151), 3.4028235677973362e38, 3.4028235677973366e38,
        1 + Math.Pow(2, -11), 1 + (3 * Math.Pow(2, -11)), 1 + Math.Pow(2, -11) + Math.Pow(2, -40), 1 + Math.Pow(2, -11) - Math.Pow(2, -40), -1 - Math.Pow(2, -11) - Math.Pow(2, -52),
        65519, 65519.999999999993, 65520, -65520, Math.Pow(2, -24), Math.Pow(2, -25), Math.Pow(2, -25) * (1 + Math.Pow(2, -52)), Math.Pow(2, -14) - Math.Pow(2, -25),
        BitConverter.UInt64BitsToDouble(0x7FF0000000000001), BitConverter.UInt64BitsToDouble(0xFFF8000000000001),
    ];

    public static TheoryData<int> Widths => [.. Enum.GetValues<KernelWidth>().Select(width => (int)width)];

    [Theory]
    [MemberData(nameof(Widths))]
    public void FromFloat64_EveryLength_RoundsOnceToTheTypeOfTheTensor(int width)
    {
        double[] numbers = [.. Corners, .. Enumerable.Range(0, LengthMax).Select(i => Math.Sin(i) * Math.Pow(2, (i % 60) - 35))];
        using var source = new GuardedMemory(numbers.Length * sizeof(double));
        using var room = new GuardedMemory(numbers.Length * sizeof(float));
        for (int length = 0; length <= numbers.Length; length++)
        {
            byte* from = source.Last(length * sizeof(double));
            numbers.AsSpan(numbers.Length - length).CopyTo(new Span<double>(from, length));
            var bytes = new ReadOnlySpan<byte>(from, length * sizeof(double));
            var singles = new TensorView(room.Last(length * sizeof(float)), TensorDType.Float32, length);
            GradientConversion.FromFloat64((KernelWidth)width, bytes, singles, 0);
            Bits.AssertSame([.. numbers[^length..].Select(number => (float)number)], singles.Span<float>(), $"float32 of {length}");

            var halves = new TensorView(room.Last(length * sizeof(ushort)), TensorDType.Float16, length);
            GradientConversion.FromFloat64((KernelWidth)width, bytes, halves, 0);
            Bits.AssertSame(
                [.. numbers[^length..].Select(number => (float)(Half)number)],
                [.. halves.Span<Half>().ToArray().Select(number => (float)number)],
                $"float16 of {length}");
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void FromInt8Blocks_EveryLengthAndBlockBorder_IsTheProductInFloat32(int width)
    {
        float[] scales = [0.1f, float.NaN, float.PositiveInfinity, float.Epsilon, -0f, 3e38f, 1f / 127];
        int[] lengths = [.. Enumerable.Range(0, LengthMax + 1), Block - 1, Block, Block + 1, (2 * Block) - 1, 2 * Block, (6 * Block) + 17];
        using var source = new GuardedMemory(7 * Block);
        using var room = new GuardedMemory(7 * Block * sizeof(float));
        foreach (int length in lengths)
        {
            byte* from = source.Last(length);
            for (int i = 0; i < length; i++)
            {
                from[i] = (byte)(i * 37);
            }

            float[] used = scales[..((length + Block - 1) / Block)];
            var singles = new TensorView(room.Last(length * sizeof(float)), TensorDType.Float32, length);

            GradientConversion.FromInt8Blocks((KernelWidth)width, MemoryMarshal.AsBytes(used.AsSpan()), new ReadOnlySpan<byte>(from, length), singles, 0);

            float[] expected = [.. Enumerable.Range(0, length).Select(i => used[i / Block] * (sbyte)from[i])];
            Bits.AssertSame(expected, singles.Span<float>(), $"{length} elements");
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void ToFloat32_EveryPatternAndLength_IsTheSameNumber(int width)
    {
        ushort[] patterns = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];
        using var source = new GuardedMemory(patterns.Length * sizeof(ushort));
        using var room = new GuardedMemory(patterns.Length * sizeof(float));
        foreach (int length in Enumerable.Range(0, LengthMax + 1).Append(patterns.Length))
        {
            byte* from = source.Last(length * sizeof(ushort));
            patterns.AsSpan(patterns.Length - length).CopyTo(new Span<ushort>(from, length));
            var bytes = new ReadOnlySpan<byte>(from, length * sizeof(ushort));
            var singles = new TensorView(room.Last(length * sizeof(float)), TensorDType.Float32, length);

            GradientConversion.ToFloat32((KernelWidth)width, TensorDType.Float16, bytes, singles, 0);
            Bits.AssertSame([.. patterns[^length..].Select(bits => (float)BitConverter.UInt16BitsToHalf(bits))], singles.Span<float>(), "float16");

            GradientConversion.ToFloat32((KernelWidth)width, TensorDType.BFloat16, bytes, singles, 0);
            Bits.AssertSame([.. patterns[^length..].Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16))], singles.Span<float>(), "bfloat16");
        }
    }

    [Fact]
    public void Conversions_SourceAtAnOddAddress_IsReadAllTheSame()
    {
        using var tensor = new TensorBuffer(TensorDType.Float32, 40);
        byte[] bytes = new byte[1 + (40 * sizeof(double))];
        for (int i = 0; i < 40; i++)
        {
            MemoryMarshal.Write(bytes.AsSpan(1 + (i * sizeof(double))), (double)i);
        }

        GradientConversion.FromFloat64(bytes.AsSpan(1), tensor.View, 0);

        Bits.AssertSame([.. Enumerable.Range(0, 40).Select(i => (float)i)], tensor.View.Span<float>(), "elements");
    }

    [Fact]
    public void Conversions_WhatDoesNotFit_IsRefused()
    {
        using var singles = new TensorBuffer(TensorDType.Float32, 4);
        using var halves = new TensorBuffer(TensorDType.Float16, 4);
        using var shorts = new TensorBuffer(TensorDType.BFloat16, 4);

        Assert.Throws<ArgumentException>(() => GradientConversion.FromFloat64(new byte[9], singles.View, 0));
        Assert.Throws<ArgumentException>(() => GradientConversion.FromFloat64(new byte[8], shorts.View, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientConversion.FromFloat64(new byte[16], singles.View, 3));
        Assert.Throws<ArgumentException>(() => GradientConversion.FromInt8Blocks(new byte[8], new byte[4], singles.View, 0));
        Assert.Throws<ArgumentException>(() => GradientConversion.FromInt8Blocks(new byte[4], new byte[4], halves.View, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientConversion.FromInt8Blocks(new byte[4], new byte[5], singles.View, 0));
        Assert.Throws<ArgumentException>(() => GradientConversion.ToFloat32(TensorDType.Float16, new byte[3], singles.View, 0));
        Assert.Throws<ArgumentException>(() => GradientConversion.ToFloat32(TensorDType.Float16, new byte[4], halves.View, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientConversion.ToFloat32(TensorDType.Float16, new byte[4], singles.View, -1));
    }
}
