using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>A gradient as it enters clipping, for passes that change nothing.</summary>
internal static unsafe class GradientElement
{
    /// <summary>Reads, unscales and, at the end of a window, averages.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<L, V, S, TVariant, TState, TGradient, TUnscaled, TClipped>(
        byte* gradient, byte* accumulator, long index, V lossScale, V windowSteps)
        where L : struct, ILanes<V, S>
        where V : unmanaged
        where S : unmanaged
        where TVariant : struct, IStepVariant
        where TState : struct, IStateElements
        where TGradient : struct, IGradientElements
        where TUnscaled : struct, IRounding
        where TClipped : struct, IRounding
    {
        Prefetch.Ahead(gradient + index * TGradient.ElementBytes);
        V g = TGradient.Load<L, V, S>(gradient, index);
        if (TVariant.Unscales)
        {
            g = TUnscaled.Round<L, V, S>(L.Divide(g, lossScale));
        }

        if (TVariant.EndsWindow)
        {
            Prefetch.Ahead(accumulator + index * TState.ElementBytes);
            g = TClipped.Round<L, V, S>(L.Add(g, TState.Load<L, V, S>(accumulator, index)));
            g = TClipped.Round<L, V, S>(L.Divide(g, windowSteps));
        }

        return g;
    }
}
