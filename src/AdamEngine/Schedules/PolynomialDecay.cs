using Adam.Engine.Schedules;
using static Adam.Engine.Schedules.IntegerArithmetic;

namespace Adam.Engine;

/// <summary>Keras <c>PolynomialDecay</c>: from the initial to the end rate along <c>(1 - step / decay_steps)^power</c>.</summary>
/// <param name="InitialLearningRate">Keras <c>initial_learning_rate</c>.</param>
/// <param name="DecaySteps">Keras <c>decay_steps</c>, above 0; not necessarily whole.</param>
/// <param name="EndLearningRate">Keras <c>end_learning_rate</c>. Default 0.0001.</param>
/// <param name="Power">Keras <c>power</c>. Default 1.</param>
/// <param name="Cycle">Keras <c>cycle</c>: decay again over a longer interval instead of staying at the end. Default false.</param>
/// <param name="Name">Keras <c>name</c>.</param>
public sealed record PolynomialDecay(
    double InitialLearningRate,
    double DecaySteps,
    double EndLearningRate = 0.0001,
    double Power = 1.0,
    bool Cycle = false,
    string Name = "PolynomialDecay")
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
        if (Cycle)
        {
            // Step 0 belongs to the first interval; ceil alone would give an interval of length 0.
            float interval = iteration == 0 ? 1f : MathF.Ceiling(step / decaySteps);
            decaySteps *= interval;
        }
        else
        {
            step = MathF.Min(step, decaySteps);
        }

        float progress = step / decaySteps;
        float end = (float)EndLearningRate;
        return ((float)InitialLearningRate - end) * MathF.Pow(1f - progress, (float)Power) + end;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OptionError> Validate() =>
        ScheduleChecks.StepsArePositive(this, "decay_steps", DecaySteps).FitIntegers(
            this,
            ("initial_learning_rate", InitialLearningRate),
            ("decay_steps", DecaySteps),
            ("end_learning_rate", EndLearningRate),
            ("power", Power));

    private float IntegerAt(int step)
    {
        int decaySteps = Cast(DecaySteps);
        float progress;
        if (Cycle)
        {
            // Keras divides by decay_steps as it was given here, with its fraction.
            float interval = step == 0 ? 1f : MathF.Ceiling((float)(step / DecaySteps));
            progress = step / (decaySteps * interval);
        }
        else
        {
            progress = (float)Math.Min(step, decaySteps) / decaySteps;
        }

        int end = Cast(EndLearningRate);
        float range = unchecked(Cast(InitialLearningRate) - end);
        return range * MathF.Pow(1f - progress, Cast(Power)) + end;
    }
}
