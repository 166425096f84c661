using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>Gradients that come as the upper halves of float32, and are read as float32.</summary>
internal readonly unsafe struct BFloat16Elements : IGradientElements
{
    public static int ElementBytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector, TSums>(byte* elements, long index)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => TLanes.LoadBFloat16((ushort*)elements + index);
}
