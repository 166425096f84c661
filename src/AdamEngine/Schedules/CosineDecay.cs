using Adam.Engine.Schedules;
using static Adam.Engine.Schedules.IntegerArithmetic;

namespace Adam.Engine;

/// <summary>Keras <c>CosineDecay</c>: an optional linear warm-up, then half a cosine down to a fraction of the start.</summary>
/// <remarks>
/// Where the schedule <see cref="LearningRateSchedule.IsInteger"/>, Keras's warm-up is a float64. Here it is rounded to float32, which
/// a float16 variable rounds a second time.
/// </remarks>
/// <param name="InitialLearningRate">Keras <c>initial_learning_rate</c>.</param>
/// <param name="DecaySteps">Keras <c>decay_steps</c>, above 0: the length of the decay after the warm-up.</param>
/// <param name="Alpha">Keras <c>alpha</c>: the fraction of the starting rate that remains. Default 0.</param>
/// <param name="Name">Keras <c>name</c>.</param>
/// <param name="WarmupTarget">Keras <c>warmup_target</c>: where warm-up ends and decay starts; null is no warm-up. Default null.</param>
/// <param name="WarmupSteps">Keras <c>warmup_steps</c>. Default 0.</param>
public sealed record CosineDecay(
    double InitialLearningRate,
    double DecaySteps,
    double Alpha = 0.0,
    string Name = "CosineDecay",
    double? WarmupTarget = null,
    double WarmupSteps = 0)
    : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(long iteration)
    {
        if (IsInteger)
        {
            return IntegerAt(Counter(iteration));
        }

        float step = iteration;
        float decaySteps = (float)DecaySteps;
        float initial = (float)InitialLearningRate;
        if (WarmupTarget is not { } warmupTarget)
        {
            return Decayed(MathF.Min(step, decaySteps) / decaySteps, MathF.PI, initial);
        }

        float target = (float)warmupTarget;
        float warmupSteps = (float)WarmupSteps;
        step = MathF.Min(step, decaySteps + warmupSteps);
        return step < warmupSteps
            ? (target - initial) * (step / warmupSteps) + initial
            : Decayed((step - warmupSteps) / decaySteps, MathF.PI, target);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OptionError> Validate() =>
        ScheduleChecks.StepsArePositive(this, "decay_steps", DecaySteps).FitIntegers(
            this,
            ("initial_learning_rate", InitialLearningRate),
            ("decay_steps", DecaySteps),
            ("warmup_target", WarmupTarget),
            ("warmup_steps", WarmupTarget is null ? null : WarmupSteps));

    private float IntegerAt(int step)
    {
        int decaySteps = Cast(DecaySteps);
        int initial = Cast(InitialLearningRate);
        if (WarmupTarget is not { } warmupTarget)
        {
            return Decayed((float)Math.Min(step, decaySteps) / decaySteps, Pi, initial);
        }

        int target = Cast(warmupTarget);
        int warmupSteps = Cast(WarmupSteps);
        unchecked
        {
            step = Math.Min(step, decaySteps + warmupSteps);
            return step < warmupSteps
                ? (float)((target - initial) * Quotient(step, warmupSteps) + initial)
                : Decayed((float)(step - warmupSteps) / decaySteps, Pi, target);
        }
    }

    private float Decayed(float progress, float pi, float start)
    {
        float cosine = 0.5f * (1f + MathF.Cos(pi * progress));

        // 1 - alpha is a subtraction of Python floats, rounded to float32 afterwards.
        return start * ((float)(1.0 - Alpha) * cosine + (float)Alpha);
    }
}
