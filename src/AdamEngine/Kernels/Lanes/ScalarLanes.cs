using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>One element at a time: the reference for the other widths, and what is left over at the end of theirs.</summary>
internal readonly unsafe struct ScalarLanes : ILanes<float, ScalarSums>
{
    public static int Width => 1;

    public static float Broadcast(float value) => value;

    public static float LoadFloat32(float* source) => *source;

    public static void StoreFloat32(float value, float* destination) => *destination = value;

    public static float LoadFloat16(ushort* source) => (float)BitConverter.UInt16BitsToHalf(*source);

    public static void StoreFloat16(float value, ushort* destination) => *destination = BitConverter.HalfToUInt16Bits((Half)value);

    public static float LoadBFloat16(ushort* source) => BitConverter.UInt32BitsToSingle((uint)*source << 16);

    public static float LoadFloat64(double* source) => (float)Unsafe.ReadUnaligned<double>(source);

    public static float LoadFloat64Sticky(double* source)
    {
        ulong bits = Unsafe.ReadUnaligned<ulong>(source);
        ulong cut = bits & Float64Bits.CutMask;
        return (float)BitConverter.UInt64BitsToDouble((bits ^ cut) | (cut != 0 ? Float64Bits.StickyBit : 0));
    }

    public static float LoadInt8(sbyte* source) => *source;

    public static float Add(float left, float right) => left + right;

    public static float Subtract(float left, float right) => left - right;

    public static float Multiply(float left, float right) => left * right;

    public static float Divide(float left, float right) => left / right;

    public static float SquareRoot(float value) => MathF.Sqrt(value);

    public static float Maximum(float left, float right) => left > right || float.IsNaN(left) ? left : right;

    public static float Minimum(float left, float right) => left < right || float.IsNaN(left) ? left : right;

    public static float RoundToFloat16(float value) => (float)(Half)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSquares(ref ScalarSums sums, float values, long index) =>
        sums[(int)(index & (SquareSums.Lanes - 1))] += values * values;

    public static ScalarSums LoadSums(float* lanes)
    {
        ScalarSums sums = default;
        new ReadOnlySpan<float>(lanes, SquareSums.Lanes).CopyTo(sums);
        return sums;
    }

    public static void StoreSums(in ScalarSums sums, float* lanes)
    {
        for (int lane = 0; lane < SquareSums.Lanes; lane++)
        {
            lanes[lane] = sums[lane];
        }
    }
}
