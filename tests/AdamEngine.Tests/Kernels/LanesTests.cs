using System.Runtime.Intrinsics;
using Adam.Engine.Kernels;
using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Kernels;

/// <summary>Every width does what the scalar one does, for every pattern of the short types and for the corners of float32.</summary>
public sealed unsafe class LanesTests
{
    private static readonly float[] Corners =
    [
        0f, -0f, 1f, -1f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, float.Epsilon,
        -float.Epsilon, 1.17549435e-38f, 65504f, 65519.996f, 65520f, 6.1035156e-05f, 5.9604645e-08f, 2.9802322e-08f, 1e-7f, 3.3f, 1e30f,
    ];

    [Fact]
    public void Operations_CornersAgainstEachOther_AreThoseOfScalars()
    {
        float[] left = [.. Corners.SelectMany(value => Enumerable.Repeat(value, Corners.Length))];
        float[] right = [.. Enumerable.Repeat(Corners, Corners.Length).SelectMany(values => values)];
        float[] expected = Operations<ScalarLanes, float, ScalarSums>(left, right);

        Bits.AssertSame(expected, Operations<Lanes128, Vector128<float>, Sums128>(left, right), "128");
        Bits.AssertSame(expected, Operations<Lanes256, Vector256<float>, Sums256>(left, right), "256");
        Bits.AssertSame(expected, Operations<Lanes512, Vector512<float>, Vector512<float>>(left, right), "512");
    }

    [Fact]
    public void ShortTypes_EveryPattern_AreReadAndWrittenAsScalars()
    {
        ushort[] patterns = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];
        (float[] Halves, float[] Shorts, ushort[] Written) expected = ShortTypes<ScalarLanes, float, ScalarSums>(patterns);

        AssertSame(expected, ShortTypes<Lanes128, Vector128<float>, Sums128>(patterns));
        AssertSame(expected, ShortTypes<Lanes256, Vector256<float>, Sums256>(patterns));
        AssertSame(expected, ShortTypes<Lanes512, Vector512<float>, Vector512<float>>(patterns));
    }

    [Fact]
    public void RoundToFloat16_AroundEveryTie_IsTheConversionOfTheRuntime()
    {
        var values = new List<float>();
        for (int bits = 0; bits < 0x7C00; bits++)
        {
            float low = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            float high = bits + 1 < 0x7C00 ? (float)BitConverter.UInt16BitsToHalf((ushort)(bits + 1)) : 65536f;
            float middle = low + (high - low) / 2;
            values.AddRange([low, middle, MathF.BitDecrement(middle), MathF.BitIncrement(middle), -low, -middle]);
        }

        values.AddRange(Enumerable.Repeat(0f, (16 - values.Count % 16) % 16));
        float[] given = [.. values];
        float[] expected = [.. given.Select(value => (float)(Half)value)];

        Bits.AssertSame(expected, Round<Lanes128, Vector128<float>, Sums128>(given), "128");
        Bits.AssertSame(expected, Round<Lanes256, Vector256<float>, Sums256>(given), "256");
        Bits.AssertSame(expected, Round<Lanes512, Vector512<float>, Vector512<float>>(given), "512");
    }

    private static void AssertSame((float[] Halves, float[] Shorts, ushort[] Written) expected, (float[] Halves, float[] Shorts, ushort[] Written) actual)
    {
        Bits.AssertSame(expected.Halves, actual.Halves, "float16");
        Bits.AssertSame(expected.Shorts, actual.Shorts, "bfloat16");
        for (int i = 0; i < expected.Written.Length; i++)
        {
            // Of a NaN only that it is one.
            Assert.True(
                expected.Written[i] == actual.Written[i]
                || (Half.IsNaN(BitConverter.UInt16BitsToHalf(expected.Written[i])) && Half.IsNaN(BitConverter.UInt16BitsToHalf(actual.Written[i]))));
        }
    }

    private static float[] Operations<TLanes, TVector, TSums>(float[] left, float[] right)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged
    {
        const int Kinds = 7;
        int padded = (left.Length + 15) / 16 * 16;
        Array.Resize(ref left, padded);
        Array.Resize(ref right, padded);
        var results = new float[padded * Kinds];
        fixed (float* l = left, r = right, o = results)
        {
            for (int i = 0; i < padded; i += TLanes.Width)
            {
                TVector a = TLanes.LoadFloat32(l + i), b = TLanes.LoadFloat32(r + i);
                TLanes.StoreFloat32(TLanes.Add(a, b), o + i);
                TLanes.StoreFloat32(TLanes.Subtract(a, b), o + padded + i);
                TLanes.StoreFloat32(TLanes.Multiply(a, b), o + 2 * padded + i);
                TLanes.StoreFloat32(TLanes.Divide(a, b), o + 3 * padded + i);
                TLanes.StoreFloat32(TLanes.SquareRoot(a), o + 4 * padded + i);
                TLanes.StoreFloat32(TLanes.Maximum(a, b), o + 5 * padded + i);
                TLanes.StoreFloat32(TLanes.Minimum(a, b), o + 6 * padded + i);
            }
        }

        return results;
    }

    private static (float[] Halves, float[] Shorts, ushort[] Written) ShortTypes<TLanes, TVector, TSums>(ushort[] patterns)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged
    {
        var halves = new float[patterns.Length];
        var shorts = new float[patterns.Length];
        var written = new ushort[patterns.Length];
        fixed (ushort* p = patterns, w = written)
        {
            fixed (float* h = halves, s = shorts)
            {
                for (int i = 0; i < patterns.Length; i += TLanes.Width)
                {
                    TVector half = TLanes.LoadFloat16(p + i);
                    TLanes.StoreFloat32(half, h + i);
                    TLanes.StoreFloat32(TLanes.LoadBFloat16(p + i), s + i);
                    TLanes.StoreFloat16(half, w + i);
                }
            }
        }

        return (halves, shorts, written);
    }

    private static float[] Round<TLanes, TVector, TSums>(float[] values)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged
    {
        var rounded = new float[values.Length];
        fixed (float* v = values, r = rounded)
        {
            for (int i = 0; i < values.Length; i += TLanes.Width)
            {
                TLanes.StoreFloat32(TLanes.RoundToFloat16(TLanes.LoadFloat32(v + i)), r + i);
            }
        }

        return rounded;
    }
}
