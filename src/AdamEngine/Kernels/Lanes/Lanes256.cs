using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Adam.Engine.Kernels;

/// <summary>Eight elements side by side.</summary>
internal readonly unsafe struct Lanes256 : ILanes<Vector256<float>, Sums256>
{
    public static int Width => 8;

    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    public static Vector256<float> LoadFloat32(float* source) => Vector256.Load(source);

    public static void StoreFloat32(Vector256<float> value, float* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadFloat16(ushort* source)
    {
        Vector256<uint> bits = Widen(source);
        Vector256<uint> magnitude = (bits & Vector256.Create(Float16Bits.MagnitudeMask)) << Float16Bits.MantissaShift;
        Vector256<float> value = magnitude.AsSingle() * Vector256.Create(Float16Bits.ExponentShift);
        Vector256<uint> special = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(Float16Bits.ShiftedInfinity));
        return (value.AsUInt32()
            | (special & Vector256.Create(Float16Bits.SingleInfinity))
            | ((bits & Vector256.Create(Float16Bits.SignMask)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFloat16(Vector256<float> value, ushort* destination)
    {
        Vector256<uint> bits = value.AsUInt32();
        Vector256<float> magnitude = Vector256.Abs(value);
        Vector256<uint> finite = (magnitude * Vector256.Create(Float16Bits.ExponentUnshift)).AsUInt32() >>> Float16Bits.MantissaShift;
        Vector256<uint> special = Vector256.ConditionalSelect(
            Vector256.Equals(value, value).AsUInt32(), Vector256.Create(Float16Bits.Infinity), Vector256.Create(Float16Bits.NaN));
        Vector256<uint> isFinite = Vector256.LessThan(magnitude, Vector256.Create(float.PositiveInfinity)).AsUInt32();
        Vector256<uint> half = Vector256.ConditionalSelect(isFinite, finite, special)
            | ((bits >>> 16) & Vector256.Create(Float16Bits.SignMask));
        Vector128.Narrow(half.GetLower(), half.GetUpper()).Store(destination);
    }

    public static Vector256<float> LoadBFloat16(ushort* source) => (Widen(source) << 16).AsSingle();

    public static Vector256<float> LoadFloat64(double* source) =>
        Vector256.Narrow(Vector256.Load(source), Vector256.Load(source + 4));

    public static Vector256<float> LoadFloat64Sticky(double* source) =>
        Vector256.Narrow(Sticky(Vector256.Load((ulong*)source)), Sticky(Vector256.Load((ulong*)source + 4)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadInt8(sbyte* source)
    {
        Vector128<sbyte> bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(source)).AsSByte();
        if (Avx2.IsSupported)
        {
            return Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(bytes));
        }

        (Vector128<int> lower, Vector128<int> upper) = Vector128.Widen(Vector128.WidenLower(bytes));
        return Vector256.ConvertToSingle(Vector256.Create(lower, upper));
    }

    public static Vector256<float> Add(Vector256<float> left, Vector256<float> right) => left + right;

    public static Vector256<float> Subtract(Vector256<float> left, Vector256<float> right) => left - right;

    public static Vector256<float> Multiply(Vector256<float> left, Vector256<float> right) => left * right;

    public static Vector256<float> Divide(Vector256<float> left, Vector256<float> right) => left / right;

    public static Vector256<float> SquareRoot(Vector256<float> value) => Vector256.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Maximum(Vector256<float> left, Vector256<float> right) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(left, right) | ~Vector256.Equals(left, left), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Minimum(Vector256<float> left, Vector256<float> right) =>
        Vector256.ConditionalSelect(Vector256.LessThan(left, right) | ~Vector256.Equals(left, left), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> RoundToFloat16(Vector256<float> value)
    {
        Vector256<float> magnitude = Vector256.Abs(value);
        Vector256<float> sign = value & Vector256.Create(-0f);
        Vector256<float> power = Vector256.Max(
            magnitude & Vector256.Create(float.PositiveInfinity), Vector256.Create(Float16Bits.SmallestNormal));
        Vector256<float> magic = power * Vector256.Create(Float16Bits.RoundingFactor);
        Vector256<float> rounded = (magnitude + magic) - magic;
        Vector256<float> overflows = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(Float16Bits.Overflow));
        return Vector256.ConditionalSelect(overflows, Vector256.Create(float.PositiveInfinity), rounded) | sign;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSquares(ref Sums256 sums, Vector256<float> values, long index)
    {
        if ((index & 8) == 0)
        {
            sums.Lower += values * values;
        }
        else
        {
            sums.Upper += values * values;
        }
    }

    public static Sums256 LoadSums(float* lanes) => new() { Lower = Vector256.Load(lanes), Upper = Vector256.Load(lanes + 8) };

    public static void StoreSums(in Sums256 sums, float* lanes)
    {
        sums.Lower.Store(lanes);
        sums.Upper.Store(lanes + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Widen(ushort* source)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int32(source).AsUInt32();
        }

        (Vector128<uint> lower, Vector128<uint> upper) = Vector128.Widen(Vector128.Load(source));
        return Vector256.Create(lower, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Sticky(Vector256<ulong> bits)
    {
        Vector256<ulong> cut = bits & Vector256.Create(Float64Bits.CutMask);
        Vector256<ulong> sticky = ~Vector256.Equals(cut, Vector256<ulong>.Zero) & Vector256.Create(Float64Bits.StickyBit);
        return ((bits ^ cut) | sticky).AsDouble();
    }
}
