using System.Collections.Immutable;
using Adam.Engine.Numerics;
using Adam.Engine.State;

namespace Adam.Engine.Step;

/// <summary>
/// Keras base optimizer, <c>apply</c>: the stages of one step in Keras's order, over gradients that have been validated. Stages
/// compute in the gradients' own buffers.
/// </summary>
internal sealed class StepPipeline
{
    private readonly AdamOptions _options;
    private readonly ImmutableArray<VariableSpec> _variables;
    private readonly SlotStore _slots;
    private readonly float[] _sumsOfSquares;

    public StepPipeline(AdamOptions options, ImmutableArray<VariableSpec> variables, SlotStore slots)
    {
        _options = options;
        _variables = variables;
        _slots = slots;
        _sumsOfSquares = new float[variables.Length];
    }

    /// <summary>Runs one step at a value of the raw iteration counter.</summary>
    /// <returns>What happened to the weights, and the norm as it entered clipping.</returns>
    public (StepOutcome Outcome, double GradientNorm) Run(IReadOnlyList<Gradient> gradients, long iterations, float learningRate)
    {
        int steps = _options.AccumulationSteps;
        long effectiveIterations = Accumulation.EffectiveIterations(iterations, steps);
        bool updates = Accumulation.IsUpdateStep(iterations, steps);

        Unscale(gradients);
        if (updates)
        {
            AverageOverWindow(gradients, steps);
        }

        double norm = Norm(gradients);
        if (updates)
        {
            Clip(gradients);
            Decay(gradients, learningRate);
            Update(gradients, StepScalars.Of(_options, effectiveIterations, learningRate));
            ClearAccumulators(steps);
        }
        else
        {
            Accumulate(gradients);
        }

        MoveAverages(effectiveIterations);
        return (updates ? StepOutcome.Applied : StepOutcome.Accumulated, norm);
    }

    private static double Norm(IReadOnlyList<Gradient> gradients)
    {
        double squares = 0;
        for (int position = 0; position < gradients.Count; position++)
        {
            squares += ReportedNorm.SumOfSquares(gradients[position].Values.Span);
        }

        return Math.Sqrt(squares);
    }

    private static void ForEach(IReadOnlyList<Gradient> gradients, Action<int, Span<float>> stage)
    {
        for (int position = 0; position < gradients.Count; position++)
        {
            stage(gradients[position].VariableIndex, gradients[position].Values.Span);
        }
    }

    private void Unscale(IReadOnlyList<Gradient> gradients)
    {
        if (_options.LossScaleFactor is { } factor)
        {
            ForEach(gradients, (_, gradient) => LossScale.Unscale(gradient, (float)factor));
        }
    }

    private void AverageOverWindow(IReadOnlyList<Gradient> gradients, int steps)
    {
        if (steps != 0)
        {
            ForEach(gradients, (index, gradient) => Accumulation.Mean(gradient, _slots[index, AdamSlot.Accumulator], steps));
        }
    }

    private void Accumulate(IReadOnlyList<Gradient> gradients) =>
        ForEach(gradients, (index, gradient) => Accumulation.Add(_slots[index, AdamSlot.Accumulator], gradient));

    private void Clip(IReadOnlyList<Gradient> gradients)
    {
        if (Clipping.IsActive(_options.ClipNorm))
        {
            double limit = _options.ClipNorm!.Value;
            ForEach(gradients, (_, gradient) => Clipping.ClipNorm(gradient, limit));
        }
        else if (Clipping.IsActive(_options.GlobalClipNorm))
        {
            ClipGlobally(gradients, _options.GlobalClipNorm!.Value);
        }
        else if (Clipping.IsActive(_options.ClipValue))
        {
            double limit = _options.ClipValue!.Value;
            ForEach(gradients, (_, gradient) => Clipping.ClipValue(gradient, limit));
        }
    }

    private void ClipGlobally(IReadOnlyList<Gradient> gradients, double limit)
    {
        for (int position = 0; position < gradients.Count; position++)
        {
            _sumsOfSquares[position] = PairwiseSum.OfSquares(gradients[position].Values.Span);
        }

        float scale = Clipping.GlobalScale(_sumsOfSquares.AsSpan(0, gradients.Count), limit);
        ForEach(gradients, (_, gradient) => Clipping.Scale(gradient, scale));
    }

    private void Decay(IReadOnlyList<Gradient> gradients, float learningRate)
    {
        if (_options.WeightDecay is not { } decay)
        {
            return;
        }

        ForEach(gradients, (index, _) =>
        {
            if (!_variables[index].ExcludedFromWeightDecay)
            {
                WeightDecay.Apply(_slots[index, AdamSlot.Weights], (float)decay, learningRate);
            }
        });
    }

    private void Update(IReadOnlyList<Gradient> gradients, StepScalars scalars) =>
        ForEach(gradients, (index, gradient) =>
        {
            Span<float> weights = _slots[index, AdamSlot.Weights];
            Span<float> first = _slots[index, AdamSlot.FirstMoment];
            Span<float> second = _slots[index, AdamSlot.SecondMoment];
            if (_options.AmsGrad)
            {
                AdamUpdate.ApplyAmsGrad(weights, first, second, _slots[index, AdamSlot.MaxSecondMoment], gradient, scalars);
            }
            else
            {
                AdamUpdate.Apply(weights, first, second, gradient, scalars);
            }
        });

    /// <summary>Empties every accumulator, also of variables without a gradient in this call: Keras drops their partial sums.</summary>
    private void ClearAccumulators(int steps)
    {
        for (int index = 0; steps != 0 && index < _variables.Length; index++)
        {
            _slots[index, AdamSlot.Accumulator].Clear();
        }
    }

    private void MoveAverages(long effectiveIterations)
    {
        if (!_options.UseEma)
        {
            return;
        }

        float momentum = ExponentialMovingAverage.Momentum(_options.EmaMomentum, effectiveIterations);
        bool overwrites = ExponentialMovingAverage.Overwrites(_options.EmaOverwriteFrequency, effectiveIterations);
        for (int index = 0; index < _variables.Length; index++)
        {
            Span<float> average = _slots[index, AdamSlot.Average];
            Span<float> weights = _slots[index, AdamSlot.Weights];
            ExponentialMovingAverage.Update(average, weights, momentum);
            if (overwrites)
            {
                average.CopyTo(weights);
            }
        }
    }
}
