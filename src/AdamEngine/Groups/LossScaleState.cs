namespace Adam.Engine;

/// <summary>Where Keras's <c>LossScaleOptimizer</c> stands.</summary>
public sealed class LossScaleState
{
    private readonly long _growthSteps;

    internal LossScaleState(DynamicLossScale options)
    {
        Scale = (float)options.InitialScale;
        _growthSteps = options.GrowthSteps;
    }

    /// <summary>Keras <c>dynamic_scale</c>: what losses are to be multiplied by. It has no bounds: it can reach 0 and infinity.</summary>
    public float Scale { get; private set; }

    /// <summary>Keras <c>step_counter</c>: finite steps since the scale last changed.</summary>
    public int StepCounter { get; private set; }

    /// <summary>Steps that were skipped since the beginning, or since it was last set. Keras does not count them.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>Sets the state, e.g. to resume.</summary>
    /// <param name="scale">The scale. Any number.</param>
    /// <param name="stepCounter">The counter, 0 or more.</param>
    /// <param name="skippedSteps">Skipped steps, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A counter is negative.</exception>
    public void Set(float scale, int stepCounter, long skippedSteps = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepCounter);
        ArgumentOutOfRangeException.ThrowIfNegative(skippedSteps);
        (Scale, StepCounter, SkippedSteps) = (scale, stepCounter, skippedSteps);
    }

    internal void CountFinite()
    {
        if (StepCounter == _growthSteps - 1)
        {
            StepCounter = 0;
            Scale *= 2f;
        }
        else
        {
            StepCounter = unchecked(StepCounter + 1);
        }
    }

    internal void CountSkipped()
    {
        StepCounter = 0;
        Scale *= 0.5f;
        SkippedSteps++;
    }
}
