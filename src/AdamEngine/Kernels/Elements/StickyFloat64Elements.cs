using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>Gradients that come as binary64, and of which as much is read as rounding to float16 needs.</summary>
internal readonly unsafe struct StickyFloat64Elements : IGradientElements
{
    public static int ElementBytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector, TSums>(byte* elements, long index)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => TLanes.LoadFloat64Sticky((double*)elements + index);
}
