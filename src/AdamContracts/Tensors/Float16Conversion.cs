using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Adam.V1;

/// <summary>IEEE 754 binary16.</summary>
/// <remarks>
/// Widening moves the magnitude to the place of a float32 and multiplies it by the difference of the exponents' biases, which makes subnormals
/// right without a branch; narrowing rounds by adding and subtracting a power of two whose last bit is the last bit of the result.
/// </remarks>
internal readonly struct Float16Conversion : IShortFloat
{
    private const uint SignMask = 0x8000;
    private const uint MagnitudeMask = 0x7FFF;
    private const uint Infinity = 0x7C00;
    private const uint NaN = 0x7E00;
    private const uint PayloadMask = 0x3FF;
    private const int MantissaShift = 13;
    private const uint SingleInfinity = 0x7F80_0000;

    // 2^112 and its reciprocal.
    private const float BiasUp = 5.192296858534828e33f;
    private const float BiasDown = 1.925929944387236e-34f;

    // 2^-14; magnitudes below have the unit of this one.
    private const float SmallestNormal = 6.103515625e-05f;

    // 2^13: times a power of two, the number in whose unit binary16 rounds there.
    private const float UnitShift = 8192f;

    // Half a unit beyond the largest number, from where on it is nearer to infinity; a tie goes there too.
    private const float Overflow = 65520f;

    public static float Widen(ushort bits)
    {
        uint magnitude = (bits & MagnitudeMask) << MantissaShift;
        uint value = BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) * BiasUp);
        uint special = magnitude >= Infinity << MantissaShift ? SingleInfinity : 0;
        return BitConverter.UInt32BitsToSingle(value | special | ((bits & SignMask) << 16));
    }

    public static ushort Narrow(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint sign = (bits >> 16) & SignMask;
        if (float.IsNaN(value))
        {
            return (ushort)(sign | NaN | ((bits >> MantissaShift) & PayloadMask));
        }

        float magnitude = BitConverter.UInt32BitsToSingle(bits & ~(SignMask << 16));
        float power = MathF.Max(BitConverter.UInt32BitsToSingle(bits & SingleInfinity), SmallestNormal);
        float unit = power * UnitShift;
        float rounded = (magnitude + unit) - unit;
        return (ushort)(sign | (magnitude >= Overflow ? Infinity : BitConverter.SingleToUInt32Bits(rounded * BiasDown) >> MantissaShift));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Widen(Vector128<uint> bits)
    {
        Vector128<uint> magnitude = (bits & Vector128.Create(MagnitudeMask)) << MantissaShift;
        Vector128<uint> value = (magnitude.AsSingle() * Vector128.Create(BiasUp)).AsUInt32();
        Vector128<uint> special = Vector128.GreaterThanOrEqual(magnitude, Vector128.Create(Infinity << MantissaShift)) & Vector128.Create(SingleInfinity);
        return (value | special | ((bits & Vector128.Create(SignMask)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Narrow(Vector128<float> value)
    {
        Vector128<uint> bits = value.AsUInt32();
        Vector128<float> magnitude = Vector128.Abs(value);
        Vector128<float> power = Vector128.Max((bits & Vector128.Create(SingleInfinity)).AsSingle(), Vector128.Create(SmallestNormal));
        Vector128<float> unit = power * Vector128.Create(UnitShift);
        Vector128<float> rounded = (magnitude + unit) - unit;
        Vector128<uint> finite = (rounded * Vector128.Create(BiasDown)).AsUInt32() >>> MantissaShift;
        Vector128<uint> overflows = Vector128.GreaterThanOrEqual(magnitude, Vector128.Create(Overflow)).AsUInt32();
        Vector128<uint> number = Vector128.ConditionalSelect(overflows, Vector128.Create(Infinity), finite);
        Vector128<uint> nan = Vector128.Create(NaN) | ((bits >>> MantissaShift) & Vector128.Create(PayloadMask));
        Vector128<uint> half = Vector128.ConditionalSelect(Vector128.Equals(value, value).AsUInt32(), number, nan);
        return half | ((bits >>> 16) & Vector128.Create(SignMask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen(Vector256<uint> bits)
    {
        Vector256<uint> magnitude = (bits & Vector256.Create(MagnitudeMask)) << MantissaShift;
        Vector256<uint> value = (magnitude.AsSingle() * Vector256.Create(BiasUp)).AsUInt32();
        Vector256<uint> special = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(Infinity << MantissaShift)) & Vector256.Create(SingleInfinity);
        return (value | special | ((bits & Vector256.Create(SignMask)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Narrow(Vector256<float> value)
    {
        Vector256<uint> bits = value.AsUInt32();
        Vector256<float> magnitude = Vector256.Abs(value);
        Vector256<float> power = Vector256.Max((bits & Vector256.Create(SingleInfinity)).AsSingle(), Vector256.Create(SmallestNormal));
        Vector256<float> unit = power * Vector256.Create(UnitShift);
        Vector256<float> rounded = (magnitude + unit) - unit;
        Vector256<uint> finite = (rounded * Vector256.Create(BiasDown)).AsUInt32() >>> MantissaShift;
        Vector256<uint> overflows = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(Overflow)).AsUInt32();
        Vector256<uint> number = Vector256.ConditionalSelect(overflows, Vector256.Create(Infinity), finite);
        Vector256<uint> nan = Vector256.Create(NaN) | ((bits >>> MantissaShift) & Vector256.Create(PayloadMask));
        Vector256<uint> half = Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), number, nan);
        return half | ((bits >>> 16) & Vector256.Create(SignMask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen(Vector512<uint> bits)
    {
        Vector512<uint> magnitude = (bits & Vector512.Create(MagnitudeMask)) << MantissaShift;
        Vector512<uint> value = (magnitude.AsSingle() * Vector512.Create(BiasUp)).AsUInt32();
        Vector512<uint> special = Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(Infinity << MantissaShift)) & Vector512.Create(SingleInfinity);
        return (value | special | ((bits & Vector512.Create(SignMask)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Narrow(Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<float> magnitude = Vector512.Abs(value);
        Vector512<float> power = Vector512.Max((bits & Vector512.Create(SingleInfinity)).AsSingle(), Vector512.Create(SmallestNormal));
        Vector512<float> unit = power * Vector512.Create(UnitShift);
        Vector512<float> rounded = (magnitude + unit) - unit;
        Vector512<uint> finite = (rounded * Vector512.Create(BiasDown)).AsUInt32() >>> MantissaShift;
        Vector512<uint> overflows = Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(Overflow)).AsUInt32();
        Vector512<uint> number = Vector512.ConditionalSelect(overflows, Vector512.Create(Infinity), finite);
        Vector512<uint> nan = Vector512.Create(NaN) | ((bits >>> MantissaShift) & Vector512.Create(PayloadMask));
        Vector512<uint> half = Vector512.ConditionalSelect(Vector512.Equals(value, value).AsUInt32(), number, nan);
        return half | ((bits >>> 16) & Vector512.Create(SignMask));
    }
}
