using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>
/// One step of one variable in a single pass over its arrays: unscale, accumulate, clip, decay, Adam, moving average, constraint, in
/// Keras's order and with Keras's roundings. Which of them there are is decided when the loop is compiled.
/// </summary>
/// <typeparam name="TLanes">The width.</typeparam>
/// <typeparam name="TVector">Its vector.</typeparam>
/// <typeparam name="TSums">Its sums.</typeparam>
/// <typeparam name="TVariant">What the step does.</typeparam>
/// <typeparam name="TState">The type of the variable and its slots.</typeparam>
/// <typeparam name="TGradient">How the gradient is stored, and the type it is read as.</typeparam>
/// <typeparam name="TUnscaled">The type in which it is unscaled.</typeparam>
/// <typeparam name="TClipped">The type in which it is averaged over the window and clipped.</typeparam>
/// <typeparam name="TScaled">The type of its product with the factor of the global norm.</typeparam>
internal sealed unsafe class StepKernel<TLanes, TVector, TSums, TVariant, TState, TGradient, TUnscaled, TClipped, TScaled> : Kernel
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in KernelArguments arguments, long start, int count, ref BlockMeasures measures)
    {
        SquareSums gradientSquares = default;
        SquareSums updateSquares = default;
        for (long leaf = start; leaf < start + count; leaf += SquareSums.LeafLength)
        {
            long end = Math.Min(leaf + SquareSums.LeafLength, start + count);
            long whole = leaf + ((end - leaf) & ~(TLanes.Width - 1));
            Leaf<TLanes, TVector, TSums>(arguments, leaf, whole, gradientSquares.Leaf, updateSquares.Leaf);
            if (whole < end)
            {
                Leaf<ScalarLanes, float, ScalarSums>(arguments, whole, end, gradientSquares.Leaf, updateSquares.Leaf);
            }

            gradientSquares.EndLeaf();
            updateSquares.EndLeaf();
        }

        if (TVariant.HasGradient && TVariant.MeasuresGradient)
        {
            MeasureGradient(arguments, start, count, gradientSquares.Total(), ref measures);
        }

        measures.UpdateSquares = updateSquares.Total();
    }

    private static void MeasureGradient(in KernelArguments arguments, long start, int count, double squares, ref BlockMeasures measures)
    {
        measures.GradientSquares = squares;
        measures.NonFinite = 0;
        if (!SquareSums.IsReliable(squares))
        {
            measures.NonFinite = NonFiniteElements.Count<TGradient>(arguments.Gradient, start, count);

            // At the end of a window the sums are gone by now; what is known of such a mean is what float32 squares say.
            if (measures.NonFinite == 0 && !TVariant.EndsWindow)
            {
                measures.GradientSquares = ExactSquares.Sum<TVariant, TState, TGradient, TUnscaled, TClipped>(arguments, start, count);
            }
        }
    }

    // A method of its own: a call inside of it, or a loop around its loop, costs the registers that hold the step's numbers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Leaf<L, V, S>(in KernelArguments arguments, long start, long end, float* gradientSquares, float* updateSquares)
        where L : struct, ILanes<V, S>
        where V : unmanaged
        where S : unmanaged
    {
        byte* gradient = arguments.Gradient;
        byte* weights = arguments.Weights;
        byte* first = arguments.FirstMoment;
        byte* second = arguments.SecondMoment;
        byte* maxSecond = arguments.MaxSecondMoment;
        byte* average = arguments.Average;
        byte* accumulator = arguments.Accumulator;
        V lossScale = L.Broadcast(arguments.LossScale);
        V windowSteps = L.Broadcast(arguments.WindowSteps);
        V clipLimit = L.Broadcast(arguments.ClipLimit);
        V negativeClipLimit = L.Broadcast(-arguments.ClipLimit);
        V clipDivisor = L.Broadcast(arguments.ClipDivisor);
        V clipScale = L.Broadcast(arguments.ClipScale);
        V weightDecay = L.Broadcast(arguments.WeightDecay);
        V learningRate = L.Broadcast(arguments.LearningRate);
        V alpha = L.Broadcast(arguments.Alpha);
        V oneMinusBeta1 = L.Broadcast(arguments.OneMinusBeta1);
        V oneMinusBeta2 = L.Broadcast(arguments.OneMinusBeta2);
        V epsilon = L.Broadcast(arguments.Epsilon);
        V momentum = L.Broadcast(arguments.AverageMomentum);
        V oneMinusMomentum = L.Broadcast(arguments.OneMinusAverageMomentum);
        bool updates = TVariant.HasGradient && TVariant.Updates;
        bool changesWeights = updates || TVariant.Overwrites;

        S gradientLanes = L.LoadSums(gradientSquares);
        S updateLanes = L.LoadSums(updateSquares);
        for (long i = start; i < end; i += L.Width)
        {
            V g = default;
            if (TVariant.HasGradient)
            {
                Prefetch.Ahead(gradient + i * TGradient.ElementBytes);
                g = TGradient.Load<L, V, S>(gradient, i);
                if (TVariant.Unscales)
                {
                    g = TUnscaled.Round<L, V, S>(L.Divide(g, lossScale));
                }
            }

            if (TVariant.HasGradient && !TVariant.Updates)
            {
                Prefetch.Ahead(accumulator + i * TState.ElementBytes);
                V sum = TState.Load<L, V, S>(accumulator, i);
                sum = TState.Round<L, V, S>(L.Add(g, sum));
                TState.Store<L, V, S>(sum, accumulator, i);
            }

            if (TVariant.EndsWindow)
            {
                if (TVariant.HasGradient)
                {
                    Prefetch.Ahead(accumulator + i * TState.ElementBytes);
                    V sum = TState.Load<L, V, S>(accumulator, i);
                    g = TClipped.Round<L, V, S>(L.Add(g, sum));
                    g = TClipped.Round<L, V, S>(L.Divide(g, windowSteps));
                }

                TState.Store<L, V, S>(L.Broadcast(0f), accumulator, i);
            }

            if (TVariant.HasGradient && TVariant.MeasuresGradient)
            {
                L.AddSquares(ref gradientLanes, g, i);
            }

            V x = default;
            V old = default;
            if (updates || TVariant.Averages || TVariant.IsNonNegative)
            {
                Prefetch.Ahead(weights + i * TState.ElementBytes);
                x = TState.Load<L, V, S>(weights, i);
                old = x;
            }

            if (updates)
            {
                if (TVariant.ClipsByNorm)
                {
                    g = TClipped.Round<L, V, S>(L.Multiply(g, clipLimit));
                    g = TClipped.Round<L, V, S>(L.Divide(g, clipDivisor));
                }

                if (TVariant.ClipsGlobally)
                {
                    g = TScaled.Round<L, V, S>(L.Multiply(g, clipScale));
                }

                if (TVariant.ClipsByValue)
                {
                    g = L.Minimum(L.Maximum(g, negativeClipLimit), clipLimit);
                }

                if (TVariant.Decays)
                {
                    V decay = TState.Round<L, V, S>(L.Multiply(x, weightDecay));
                    decay = TState.Round<L, V, S>(L.Multiply(decay, learningRate));
                    x = TState.Round<L, V, S>(L.Subtract(x, decay));
                }

                g = TState.Round<L, V, S>(g);

                Prefetch.Ahead(first + i * TState.ElementBytes);
                V m = TState.Load<L, V, S>(first, i);
                V mChange = TState.Round<L, V, S>(L.Subtract(g, m));
                mChange = TState.Round<L, V, S>(L.Multiply(mChange, oneMinusBeta1));
                m = TState.Round<L, V, S>(L.Add(m, mChange));
                TState.Store<L, V, S>(m, first, i);

                Prefetch.Ahead(second + i * TState.ElementBytes);
                V v = TState.Load<L, V, S>(second, i);
                V vChange = TState.Round<L, V, S>(L.Multiply(g, g));
                vChange = TState.Round<L, V, S>(L.Subtract(vChange, v));
                vChange = TState.Round<L, V, S>(L.Multiply(vChange, oneMinusBeta2));
                v = TState.Round<L, V, S>(L.Add(v, vChange));
                TState.Store<L, V, S>(v, second, i);

                if (TVariant.AmsGrad)
                {
                    Prefetch.Ahead(maxSecond + i * TState.ElementBytes);
                    v = L.Maximum(TState.Load<L, V, S>(maxSecond, i), v);
                    TState.Store<L, V, S>(v, maxSecond, i);
                }

                V numerator = TState.Round<L, V, S>(L.Multiply(m, alpha));
                V denominator = TState.Round<L, V, S>(L.SquareRoot(v));
                denominator = TState.Round<L, V, S>(L.Add(denominator, epsilon));
                V step = TState.Round<L, V, S>(L.Divide(numerator, denominator));
                x = TState.Round<L, V, S>(L.Subtract(x, step));
            }

            if (TVariant.Averages)
            {
                Prefetch.Ahead(average + i * TState.ElementBytes);
                V kept = TState.Round<L, V, S>(L.Multiply(momentum, TState.Load<L, V, S>(average, i)));
                V added = TState.Round<L, V, S>(L.Multiply(oneMinusMomentum, x));
                V mean = TState.Round<L, V, S>(L.Add(kept, added));
                TState.Store<L, V, S>(mean, average, i);
                if (TVariant.Overwrites)
                {
                    x = mean;
                }
            }

            if (changesWeights)
            {
                L.AddSquares(ref updateLanes, L.Subtract(x, old), i);
            }

            if (TVariant.IsNonNegative)
            {
                x = TState.ClampToNonNegative<L, V, S>(x);
            }

            if (changesWeights || TVariant.IsNonNegative)
            {
                TState.Store<L, V, S>(x, weights, i);
            }
        }

        L.StoreSums(gradientLanes, gradientSquares);
        L.StoreSums(updateLanes, updateSquares);
    }
}
