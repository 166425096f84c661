using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>The loop of <see cref="RowAddition"/>: one addition and one rounding an element.</summary>
/// <typeparam name="TLanes">The width.</typeparam>
/// <typeparam name="TVector">Its vector.</typeparam>
/// <typeparam name="TLaneSums">Its sums.</typeparam>
/// <typeparam name="TGradient">How values are stored, and the type they are read as.</typeparam>
/// <typeparam name="TSum">The type of the sums.</typeparam>
internal sealed unsafe class RowAdditionKernel<TLanes, TVector, TLaneSums, TGradient, TSum> : RowAddition
    where TLanes : struct, ILanes<TVector, TLaneSums>
    where TVector : unmanaged
    where TLaneSums : unmanaged
    where TGradient : struct, IGradientElements
    where TSum : struct, IStateElements
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Run(byte* source, byte* sums, long count, bool isFirst)
    {
        long whole = count & ~(TLanes.Width - 1L);
        if (isFirst)
        {
            Copy<TLanes, TVector, TLaneSums>(source, sums, 0, whole);
            Copy<ScalarLanes, float, ScalarSums>(source, sums, whole, count);
        }
        else
        {
            Add<TLanes, TVector, TLaneSums>(source, sums, 0, whole);
            Add<ScalarLanes, float, ScalarSums>(source, sums, whole, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy<L, V, S>(byte* source, byte* sums, long start, long end)
        where L : struct, ILanes<V, S>
        where V : unmanaged
        where S : unmanaged
    {
        for (long i = start; i < end; i += L.Width)
        {
            TSum.Store<L, V, S>(TGradient.Load<L, V, S>(source, i), sums, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<L, V, S>(byte* source, byte* sums, long start, long end)
        where L : struct, ILanes<V, S>
        where V : unmanaged
        where S : unmanaged
    {
        for (long i = start; i < end; i += L.Width)
        {
            V sum = L.Add(TSum.Load<L, V, S>(sums, i), TGradient.Load<L, V, S>(source, i));
            TSum.Store<L, V, S>(TSum.Round<L, V, S>(sum), sums, i);
        }
    }
}
