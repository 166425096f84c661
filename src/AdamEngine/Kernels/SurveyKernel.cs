using System.Runtime.CompilerServices;
using Adam.Engine.Numerics;

namespace Adam.Engine.Kernels;

/// <summary>
/// A pass over a gradient that changes nothing, for what must be known before the step: its norm where the step clips by it, and whether
/// it is finite where that decides over the step.
/// </summary>
/// <typeparam name="TLanes">The width.</typeparam>
/// <typeparam name="TVector">Its vector.</typeparam>
/// <typeparam name="TSums">Its sums.</typeparam>
/// <typeparam name="TVariant">What the step does.</typeparam>
/// <typeparam name="TState">The type of the variable and its slots.</typeparam>
/// <typeparam name="TGradient">How the gradient is stored, and the type it is read as.</typeparam>
/// <typeparam name="TUnscaled">The type in which it is unscaled.</typeparam>
/// <typeparam name="TClipped">The type in which it is averaged over the window and clipped.</typeparam>
/// <typeparam name="TScaled">Not used; it makes the arguments those of the step.</typeparam>
internal sealed unsafe class SurveyKernel<TLanes, TVector, TSums, TVariant, TState, TGradient, TUnscaled, TClipped, TScaled> : Kernel
    where TLanes : struct, ILanes<TVector, TSums>
    where TVector : unmanaged
    where TSums : unmanaged
    where TVariant : struct, IStepVariant
    where TState : struct, IStateElements
    where TGradient : struct, IGradientElements
    where TUnscaled : struct, IRounding
    where TClipped : struct, IRounding
    where TScaled : struct, IRounding
{
    [SkipLocalsInit]
    public override void Run(in KernelArguments arguments, long start, int count, ref BlockMeasures measures)
    {
        // NumPy squares into an array and sums that; the block of it stays in the first-level cache.
        float* squares = stackalloc float[BlockMeasures.BlockLength];
        double* lanes = stackalloc double[ScalarSums.Length];
        new Span<double>(lanes, ScalarSums.Length).Clear();
        int whole = count & ~(TLanes.Width - 1);
        Loop<TLanes, TVector, TSums>(arguments, start, 0, whole, squares, lanes);
        if (whole < count)
        {
            Loop<ScalarLanes, float, ScalarSums>(arguments, start, whole, count, squares, lanes);
        }

        measures.GradientSquares = LaneSums.Total(lanes);
        measures.NonFinite = double.IsFinite(measures.GradientSquares)
            ? 0
            : NonFiniteElements.Count<TGradient>(arguments.Gradient, start, count);
        if (TVariant.ClipsByNorm || TVariant.ClipsGlobally)
        {
            measures.ClipSquares = PairwiseSum.Block(squares, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<L, V, S>(in KernelArguments arguments, long start, int from, int to, float* squares, double* lanes)
        where L : struct, ILanes<V, S>
        where V : unmanaged
        where S : unmanaged
    {
        byte* gradient = arguments.Gradient;
        byte* accumulator = arguments.Accumulator;
        V lossScale = L.Broadcast(arguments.LossScale);
        V windowSteps = L.Broadcast(arguments.WindowSteps);
        S sums = default;
        for (int i = from; i < to; i += L.Width)
        {
            Prefetch.Ahead(gradient + (start + i) * TGradient.ElementBytes);
            V g = TGradient.Load<L, V, S>(gradient, start + i);
            if (TVariant.Unscales)
            {
                g = TUnscaled.Round<L, V, S>(L.Divide(g, lossScale));
            }

            if (TVariant.EndsWindow)
            {
                Prefetch.Ahead(accumulator + (start + i) * TState.ElementBytes);
                V sum = TState.Load<L, V, S>(accumulator, start + i);
                g = TClipped.Round<L, V, S>(L.Add(g, sum));
                g = TClipped.Round<L, V, S>(L.Divide(g, windowSteps));
            }

            L.AddSquares(ref sums, g, i);
            if (TVariant.ClipsByNorm || TVariant.ClipsGlobally)
            {
                L.StoreFloat32(TClipped.Round<L, V, S>(L.Multiply(g, g)), squares + i);
            }
        }

        L.AddSums(sums, lanes);
    }
}
