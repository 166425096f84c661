using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>Elements of one type, written as another.</summary>
/// <typeparam name="TLanes">The width.</typeparam>
/// <typeparam name="TVector">Its vector.</typeparam>
/// <typeparam name="TSums">Its sums.</typeparam>
internal static unsafe class ConversionKernel<TLanes, TVector, TSums>
    where TLanes : struct, ILanes<TVector, TSums>
    where TVector : unmanaged
    where TSums : unmanaged
{
    /// <summary>Converts elements. The two places do not overlap, and need no alignment.</summary>
    /// <typeparam name="TFrom">How they are stored.</typeparam>
    /// <typeparam name="TTo">How they are written.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Convert<TFrom, TTo>(byte* source, byte* destination, long count)
        where TFrom : struct, IGradientElements
        where TTo : struct, IStateElements
    {
        long index = 0;
        for (long whole = count - TLanes.Width; index <= whole; index += TLanes.Width)
        {
            TTo.Store<TLanes, TVector, TSums>(TFrom.Load<TLanes, TVector, TSums>(source, index), destination, index);
        }

        for (; index < count; index++)
        {
            TTo.Store<ScalarLanes, float, ScalarSums>(TFrom.Load<ScalarLanes, float, ScalarSums>(source, index), destination, index);
        }
    }

    /// <summary>Multiplies signed bytes by a scale, with one rounding each, and writes float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(sbyte* source, float scale, float* destination, long count)
    {
        TVector scales = TLanes.Broadcast(scale);
        long index = 0;
        for (long whole = count - TLanes.Width; index <= whole; index += TLanes.Width)
        {
            TLanes.StoreFloat32(TLanes.Multiply(scales, TLanes.LoadInt8(source + index)), destination + index);
        }

        for (; index < count; index++)
        {
            destination[index] = ScalarLanes.Multiply(scale, ScalarLanes.LoadInt8(source + index));
        }
    }
}
