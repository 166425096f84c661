namespace Adam.Engine.Kernels;

/// <summary>The type in which an operation is done. float16 arithmetic is float32 arithmetic that is rounded after every operation.</summary>
internal interface IRounding
{
    static abstract TVector Round<TLanes, TVector, TSums>(TVector value)
        where TLanes : struct, ILanes<TVector, TSums>
        where TVector : unmanaged
        where TSums : unmanaged;
}
