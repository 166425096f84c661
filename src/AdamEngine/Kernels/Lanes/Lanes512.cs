using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Adam.Engine.Kernels;

/// <summary>Sixteen elements side by side.</summary>
internal readonly unsafe struct Lanes512 : ILanes<Vector512<float>, Vector512<float>>
{
    public static int Width => 16;

    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    public static Vector512<float> LoadFloat32(float* source) => Vector512.Load(source);

    public static void StoreFloat32(Vector512<float> value, float* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadFloat16(ushort* source)
    {
        Vector512<uint> bits = Widen(source);
        Vector512<uint> magnitude = (bits & Vector512.Create(Float16Bits.MagnitudeMask)) << Float16Bits.MantissaShift;
        Vector512<float> value = magnitude.AsSingle() * Vector512.Create(Float16Bits.ExponentShift);
        Vector512<uint> special = Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(Float16Bits.ShiftedInfinity));
        return (value.AsUInt32()
            | (special & Vector512.Create(Float16Bits.SingleInfinity))
            | ((bits & Vector512.Create(Float16Bits.SignMask)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFloat16(Vector512<float> value, ushort* destination)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<float> magnitude = Vector512.Abs(value);
        Vector512<uint> finite = (magnitude * Vector512.Create(Float16Bits.ExponentUnshift)).AsUInt32() >>> Float16Bits.MantissaShift;
        Vector512<uint> special = Vector512.ConditionalSelect(
            Vector512.Equals(value, value).AsUInt32(), Vector512.Create(Float16Bits.Infinity), Vector512.Create(Float16Bits.NaN));
        Vector512<uint> isFinite = Vector512.LessThan(magnitude, Vector512.Create(float.PositiveInfinity)).AsUInt32();
        Vector512<uint> half = Vector512.ConditionalSelect(isFinite, finite, special)
            | ((bits >>> 16) & Vector512.Create(Float16Bits.SignMask));
        Vector256<ushort> narrow = Avx512F.IsSupported
            ? Avx512F.ConvertToVector256UInt16(half)
            : Vector256.Narrow(half.GetLower(), half.GetUpper());
        narrow.Store(destination);
    }

    public static Vector512<float> LoadBFloat16(ushort* source) => (Widen(source) << 16).AsSingle();

    public static Vector512<float> LoadFloat64(double* source) =>
        Vector512.Narrow(Vector512.Load(source), Vector512.Load(source + 8));

    public static Vector512<float> LoadFloat64Sticky(double* source) =>
        Vector512.Narrow(Sticky(Vector512.Load((ulong*)source)), Sticky(Vector512.Load((ulong*)source + 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadInt8(sbyte* source)
    {
        Vector128<sbyte> bytes = Vector128.Load(source);
        if (Avx512F.IsSupported)
        {
            return Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(bytes));
        }

        (Vector128<short> lower, Vector128<short> upper) = Vector128.Widen(bytes);
        (Vector128<int> first, Vector128<int> second) = Vector128.Widen(lower);
        (Vector128<int> third, Vector128<int> fourth) = Vector128.Widen(upper);
        return Vector512.ConvertToSingle(Vector512.Create(Vector256.Create(first, second), Vector256.Create(third, fourth)));
    }

    public static Vector512<float> Add(Vector512<float> left, Vector512<float> right) => left + right;

    public static Vector512<float> Subtract(Vector512<float> left, Vector512<float> right) => left - right;

    public static Vector512<float> Multiply(Vector512<float> left, Vector512<float> right) => left * right;

    public static Vector512<float> Divide(Vector512<float> left, Vector512<float> right) => left / right;

    public static Vector512<float> SquareRoot(Vector512<float> value) => Vector512.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Maximum(Vector512<float> left, Vector512<float> right) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(left, right) | ~Vector512.Equals(left, left), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Minimum(Vector512<float> left, Vector512<float> right) =>
        Vector512.ConditionalSelect(Vector512.LessThan(left, right) | ~Vector512.Equals(left, left), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> RoundToFloat16(Vector512<float> value)
    {
        Vector512<float> magnitude = Vector512.Abs(value);
        Vector512<float> sign = value & Vector512.Create(-0f);
        Vector512<float> power = Vector512.Max(
            magnitude & Vector512.Create(float.PositiveInfinity), Vector512.Create(Float16Bits.SmallestNormal));
        Vector512<float> magic = power * Vector512.Create(Float16Bits.RoundingFactor);
        Vector512<float> rounded = (magnitude + magic) - magic;
        Vector512<float> overflows = Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(Float16Bits.Overflow));
        return Vector512.ConditionalSelect(overflows, Vector512.Create(float.PositiveInfinity), rounded) | sign;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSquares(ref Vector512<float> sums, Vector512<float> values, long index) => sums += values * values;

    public static Vector512<float> LoadSums(float* lanes) => Vector512.Load(lanes);

    public static void StoreSums(in Vector512<float> sums, float* lanes) => sums.Store(lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Widen(ushort* source)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector512UInt32(Vector256.Load(source));
        }

        (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.Load(source));
        return Vector512.Create(lower, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Sticky(Vector512<ulong> bits)
    {
        Vector512<ulong> cut = bits & Vector512.Create(Float64Bits.CutMask);
        Vector512<ulong> sticky = ~Vector512.Equals(cut, Vector512<ulong>.Zero) & Vector512.Create(Float64Bits.StickyBit);
        return ((bits ^ cut) | sticky).AsDouble();
    }
}
