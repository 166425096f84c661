using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>float16 arithmetic.</summary>
internal readonly struct Float16Rounding : IRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Round<TLanes, TVector, TSums>(TVector value)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => TLanes.RoundToFloat16(value);
}
