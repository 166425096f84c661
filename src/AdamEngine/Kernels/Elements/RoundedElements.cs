using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>Gradients that come in a wider type than their variable's float16 gradients: each is rounded as it is read.</summary>
/// <typeparam name="TElements">How they are stored.</typeparam>
internal readonly unsafe struct RoundedElements<TElements> : IGradientElements
    where TElements : struct, IGradientElements
{
    public static int ElementBytes => TElements.ElementBytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector, TSums>(byte* elements, long index)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => TLanes.RoundToFloat16(TElements.Load<TLanes, TVector, TSums>(elements, index));
}
