using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>float32 arithmetic: the operation itself has rounded.</summary>
internal readonly struct Float32Rounding : IRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Round<TLanes, TVector, TSums>(TVector value)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged => value;
}
