using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>float32 in memory and in arithmetic.</summary>
internal readonly unsafe struct Float32Elements : IStateElements
{
    public static int ElementBytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector, TSums>(byte* elements, long index)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => TLanes.LoadFloat32((float*)elements + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TLanes, TVector, TSums>(TVector value, byte* elements, long index)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => TLanes.StoreFloat32(value, (float*)elements + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Round<TLanes, TVector, TSums>(TVector value)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => value;

    // NumPy's vectors give +0 for -0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ClampToNonNegative<TLanes, TVector, TSums>(TVector value)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => TLanes.Maximum(value, TLanes.Broadcast(0f));
}
