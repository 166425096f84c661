namespace Adam.Engine.Kernels;

/// <summary>How variables and their slots are stored, and the type that they are computed in.</summary>
internal unsafe interface IStateElements : IGradientElements, IRounding
{
    static abstract void Store<TLanes, TVector, TSums>(TVector value, byte* elements, long index)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged;

    /// <summary>The larger of a number and zero; which zero comes out of -0 is NumPy's choice for the type.</summary>
    static abstract TVector ClampToNonNegative<TLanes, TVector, TSums>(TVector value)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged;
}
