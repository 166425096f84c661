using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Adam.Engine.Kernels;

/// <summary>Four elements side by side.</summary>
internal readonly unsafe struct Lanes128 : ILanes<Vector128<float>, Sums128>
{
    public static int Width => 4;

    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    public static Vector128<float> LoadFloat32(float* source) => Vector128.Load(source);

    public static void StoreFloat32(Vector128<float> value, float* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadFloat16(ushort* source)
    {
        Vector128<uint> bits = Widen(source);
        Vector128<uint> magnitude = (bits & Vector128.Create(Float16Bits.MagnitudeMask)) << Float16Bits.MantissaShift;
        Vector128<float> value = magnitude.AsSingle() * Vector128.Create(Float16Bits.ExponentShift);
        Vector128<uint> special = Vector128.GreaterThanOrEqual(magnitude, Vector128.Create(Float16Bits.ShiftedInfinity));
        return (value.AsUInt32()
            | (special & Vector128.Create(Float16Bits.SingleInfinity))
            | ((bits & Vector128.Create(Float16Bits.SignMask)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFloat16(Vector128<float> value, ushort* destination)
    {
        Vector128<uint> bits = value.AsUInt32();
        Vector128<float> magnitude = Vector128.Abs(value);
        Vector128<uint> finite = (magnitude * Vector128.Create(Float16Bits.ExponentUnshift)).AsUInt32() >>> Float16Bits.MantissaShift;
        Vector128<uint> special = Vector128.ConditionalSelect(
            Vector128.Equals(value, value).AsUInt32(), Vector128.Create(Float16Bits.Infinity), Vector128.Create(Float16Bits.NaN));
        Vector128<uint> isFinite = Vector128.LessThan(magnitude, Vector128.Create(float.PositiveInfinity)).AsUInt32();
        Vector128<uint> half = Vector128.ConditionalSelect(isFinite, finite, special)
            | ((bits >>> 16) & Vector128.Create(Float16Bits.SignMask));
        *(ulong*)destination = Vector128.Narrow(half, half).AsUInt64().ToScalar();
    }

    public static Vector128<float> LoadBFloat16(ushort* source) => (Widen(source) << 16).AsSingle();

    public static Vector128<float> LoadFloat64(double* source) =>
        Vector128.Narrow(Vector128.Load(source), Vector128.Load(source + 2));

    public static Vector128<float> LoadFloat64Sticky(double* source) =>
        Vector128.Narrow(Sticky(Vector128.Load((ulong*)source)), Sticky(Vector128.Load((ulong*)source + 2)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadInt8(sbyte* source)
    {
        Vector128<sbyte> bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(source)).AsSByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes)));
    }

    public static Vector128<float> Add(Vector128<float> left, Vector128<float> right) => left + right;

    public static Vector128<float> Subtract(Vector128<float> left, Vector128<float> right) => left - right;

    public static Vector128<float> Multiply(Vector128<float> left, Vector128<float> right) => left * right;

    public static Vector128<float> Divide(Vector128<float> left, Vector128<float> right) => left / right;

    public static Vector128<float> SquareRoot(Vector128<float> value) => Vector128.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Maximum(Vector128<float> left, Vector128<float> right) =>
        Vector128.ConditionalSelect(Vector128.GreaterThan(left, right) | ~Vector128.Equals(left, left), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Minimum(Vector128<float> left, Vector128<float> right) =>
        Vector128.ConditionalSelect(Vector128.LessThan(left, right) | ~Vector128.Equals(left, left), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> RoundToFloat16(Vector128<float> value)
    {
        Vector128<float> magnitude = Vector128.Abs(value);
        Vector128<float> sign = value & Vector128.Create(-0f);
        Vector128<float> power = Vector128.Max(
            magnitude & Vector128.Create(float.PositiveInfinity), Vector128.Create(Float16Bits.SmallestNormal));
        Vector128<float> magic = power * Vector128.Create(Float16Bits.RoundingFactor);
        Vector128<float> rounded = (magnitude + magic) - magic;
        Vector128<float> overflows = Vector128.GreaterThanOrEqual(magnitude, Vector128.Create(Float16Bits.Overflow));
        return Vector128.ConditionalSelect(overflows, Vector128.Create(float.PositiveInfinity), rounded) | sign;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSquares(ref Sums128 sums, Vector128<float> values, long index)
    {
        Vector128<float> squares = values * values;
        switch (index & 12)
        {
            case 0:
                sums.Lanes0To3 += squares;
                break;
            case 4:
                sums.Lanes4To7 += squares;
                break;
            case 8:
                sums.Lanes8To11 += squares;
                break;
            default:
                sums.Lanes12To15 += squares;
                break;
        }
    }

    public static Sums128 LoadSums(float* lanes) => new()
    {
        Lanes0To3 = Vector128.Load(lanes),
        Lanes4To7 = Vector128.Load(lanes + 4),
        Lanes8To11 = Vector128.Load(lanes + 8),
        Lanes12To15 = Vector128.Load(lanes + 12),
    };

    public static void StoreSums(in Sums128 sums, float* lanes)
    {
        sums.Lanes0To3.Store(lanes);
        sums.Lanes4To7.Store(lanes + 4);
        sums.Lanes8To11.Store(lanes + 8);
        sums.Lanes12To15.Store(lanes + 12);
    }

    // Four elements are half of the smallest vector of 16-bit ones.
    private static Vector128<uint> Widen(ushort* source) => Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)source).AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Sticky(Vector128<ulong> bits)
    {
        Vector128<ulong> cut = bits & Vector128.Create(Float64Bits.CutMask);
        Vector128<ulong> sticky = ~Vector128.Equals(cut, Vector128<ulong>.Zero) & Vector128.Create(Float64Bits.StickyBit);
        return ((bits ^ cut) | sticky).AsDouble();
    }
}
