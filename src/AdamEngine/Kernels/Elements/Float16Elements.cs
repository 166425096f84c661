using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>float16 in memory and in arithmetic.</summary>
internal readonly unsafe struct Float16Elements : IStateElements
{
    public static int ElementBytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector, TSums>(byte* elements, long index)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => TLanes.LoadFloat16((ushort*)elements + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TLanes, TVector, TSums>(TVector value, byte* elements, long index)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => TLanes.StoreFloat16(value, (ushort*)elements + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Round<TLanes, TVector, TSums>(TVector value)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => TLanes.RoundToFloat16(value);

    // NumPy's loop over float16 leaves -0 as it is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ClampToNonNegative<TLanes, TVector, TSums>(TVector value)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => TLanes.Maximum(TLanes.Broadcast(0f), value);
}
