using Adam.Engine.Schedules;
using static Adam.Engine.Schedules.IntegerArithmetic;

namespace Adam.Engine;

/// <summary>Keras <c>ExponentialDecay</c>: <c>initial * rate^(step / decay_steps)</c>.</summary>
/// <param name="InitialLearningRate">Keras <c>initial_learning_rate</c>.</param>
/// <param name="DecaySteps">Keras <c>decay_steps</c>, above 0; not necessarily whole.</param>
/// <param name="DecayRate">Keras <c>decay_rate</c>.</param>
/// <param name="Staircase">Keras <c>staircase</c>: whole intervals only. Default false.</param>
/// <param name="Name">Keras <c>name</c>.</param>
public sealed record ExponentialDecay(
    double InitialLearningRate, double DecaySteps, double DecayRate, bool Staircase = false, string Name = "ExponentialDecay")
    : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(long iteration)
    {
        (float initial, float rate, float progress) = IsInteger
            ? (Cast(InitialLearningRate), Cast(DecayRate), (float)Quotient(Counter(iteration), Cast(DecaySteps)))
            : ((float)InitialLearningRate, (float)DecayRate, iteration / (float)DecaySteps);
        if (Staircase)
        {
            progress = MathF.Floor(progress);
        }

        return initial * MathF.Pow(rate, progress);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OptionError> Validate() =>
        ScheduleChecks.StepsArePositive(this, "decay_steps", DecaySteps).FitIntegers(
            this, ("initial_learning_rate", InitialLearningRate), ("decay_steps", DecaySteps), ("decay_rate", DecayRate));
}
