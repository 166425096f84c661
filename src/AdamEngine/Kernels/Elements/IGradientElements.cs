namespace Adam.Engine.Kernels;

/// <summary>How gradients are stored, and the type that they are read as.</summary>
internal unsafe interface IGradientElements
{
    /// <summary>Bytes of one element.</summary>
    static abstract int ElementBytes { get; }

    static abstract TVector Load<TLanes, TVector, TSums>(byte* elements, long index)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged;
}
