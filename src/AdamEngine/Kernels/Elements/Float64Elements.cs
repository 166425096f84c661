using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>Gradients that come as binary64 and are read as float32.</summary>
internal readonly unsafe struct Float64Elements : IGradientElements
{
    public static int ElementBytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector, TSums>(byte* elements, long index)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => TLanes.LoadFloat64((double*)elements + index);
}
