using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
    // Elements whose squares NumPy adds in eight lanes before it adds sums of sums.
    private const int LeafLength = 128;
    private const int LeavesPerBlock = BlockMeasures.BlockLength / LeafLength;

    // Both are constants to the compiler once they are inlined; a call for each vector would cost more than the rest of the survey.
    private static bool NeedsClipSquares
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TVariant.ClipsByNorm || TVariant.ClipsGlobally;
    }

    // Keras's own sum of squares serves the report as well, unless it is one of rounded squares.
    private static bool NeedsOwnSquares
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => !NeedsClipSquares || typeof(TClipped) != typeof(Float32Rounding);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public override void Run(in KernelArguments arguments, long start, int count, ref BlockMeasures measures)
    {
        SquareSums squares = default;
        if (NeedsClipSquares && count == BlockMeasures.BlockLength && TLanes.Width >= Lanes256.Width)
        {
            measures.ClipSquares = WholeBlock(arguments, start, &squares);
        }
        else
        {
            // As NumPy does it: squares into an array, and the sum of that.
            float* array = stackalloc float[BlockMeasures.BlockLength];
            for (int leaf = 0; leaf < count; leaf += SquareSums.LeafLength)
            {
                int end = Math.Min(leaf + SquareSums.LeafLength, count);
                int whole = leaf + ((end - leaf) & ~(TLanes.Width - 1));
                Leaf<TLanes, TVector, TSums>(arguments, start, leaf, whole, array, squares.Leaf);
                if (whole < end)
                {
                    Leaf<ScalarLanes, float, ScalarSums>(arguments, start, whole, end, array, squares.Leaf);
                }

                squares.EndLeaf();
            }

            if (NeedsClipSquares)
            {
                measures.ClipSquares = PairwiseSum.Block(array, count);
            }
        }

        measures.GradientSquares = NeedsOwnSquares ? squares.Total() : measures.ClipSquares;
        measures.NonFinite = 0;
        if (!SquareSums.IsReliable(measures.GradientSquares))
        {
            measures.NonFinite = NonFiniteElements.Count<TGradient>(arguments.Gradient, start, count);
            if (measures.NonFinite == 0)
            {
                measures.GradientSquares = ExactSquares.Sum<TVariant, TState, TGradient, TUnscaled, TClipped>(arguments, start, count);
            }
        }
    }

    /// <summary>
    /// The sum of squares of a whole block without an array in between: its eight lanes are those of a vector, and its 64 leaves are the leaves of a
    /// tree in which neighbours are added.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static float WholeBlock(in KernelArguments arguments, long start, SquareSums* squares)
    {
        byte* gradient = arguments.Gradient;
        byte* accumulator = arguments.Accumulator;
        Vector256<float> lossScale = Vector256.Create(arguments.LossScale);
        Vector256<float> windowSteps = Vector256.Create(arguments.WindowSteps);
        float* sums = stackalloc float[LeavesPerBlock];
        Sums256 own = default;
        for (int leaf = 0; leaf < LeavesPerBlock; leaf++)
        {
            long first = start + (leaf * LeafLength);
            Vector256<float> leafLanes = default;
            for (long i = first; i < first + LeafLength; i += Lanes256.Width)
            {
                Vector256<float> g = Load<Lanes256, Vector256<float>, Sums256>(gradient, accumulator, i, lossScale, windowSteps);
                if (NeedsOwnSquares)
                {
                    Lanes256.AddSquares(ref own, g, i);
                }

                leafLanes += TClipped.Round<Lanes256, Vector256<float>, Sums256>(g * g);
            }

            sums[leaf] = PairwiseSum.OfLanes(leafLanes);
            if (NeedsOwnSquares && (leaf + 1) % (SquareSums.LeafLength / LeafLength) == 0)
            {
                Lanes256.StoreSums(own, squares->Leaf);
                squares->EndLeaf();
                own = default;
            }
        }

        for (int count = LeavesPerBlock; count > 1; count /= 2)
        {
            for (int i = 0; i < count / 2; i++)
            {
                sums[i] = sums[2 * i] + sums[2 * i + 1];
            }
        }

        return sums[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load<L, V, S>(byte* gradient, byte* accumulator, long index, V lossScale, V windowSteps)
        where L : struct, ILanes<V, S>
        where V : unmanaged
        where S : unmanaged =>
        GradientElement.Load<L, V, S, TVariant, TState, TGradient, TUnscaled, TClipped>(gradient, accumulator, index, lossScale, windowSteps);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Leaf<L, V, S>(in KernelArguments arguments, long start, int from, int to, float* array, float* squares)
        where L : struct, ILanes<V, S>
        where V : unmanaged
        where S : unmanaged
    {
        byte* gradient = arguments.Gradient;
        byte* accumulator = arguments.Accumulator;
        V lossScale = L.Broadcast(arguments.LossScale);
        V windowSteps = L.Broadcast(arguments.WindowSteps);
        S sums = L.LoadSums(squares);
        for (int i = from; i < to; i += L.Width)
        {
            V g = Load<L, V, S>(gradient, accumulator, start + i, lossScale, windowSteps);
            if (NeedsOwnSquares)
            {
                L.AddSquares(ref sums, g, i);
            }

            if (NeedsClipSquares)
            {
                L.StoreFloat32(TClipped.Round<L, V, S>(L.Multiply(g, g)), array + i);
            }
        }

        L.StoreSums(sums, squares);
    }
}
