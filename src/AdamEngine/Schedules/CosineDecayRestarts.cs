using Adam.Engine.Options;
using Adam.Engine.Schedules;
using static Adam.Engine.Schedules.IntegerArithmetic;

namespace Adam.Engine;

/// <summary>Keras <c>CosineDecayRestarts</c> (SGDR): cosine decays that start again, each <c>t_mul</c> times as long as the last.</summary>
/// <remarks>
/// With <c>t_mul</c> below 1 the lengths form a finite series; past its end the rate is NaN, as in Keras. The number of restarts
/// comes from a quotient of float32 logarithms and is therefore sensitive near a restart.
/// </remarks>
/// <param name="InitialLearningRate">Keras <c>initial_learning_rate</c>.</param>
/// <param name="FirstDecaySteps">Keras <c>first_decay_steps</c>, above 0.</param>
/// <param name="TMul">Keras <c>t_mul</c>: growth of the length per restart. Default 2.</param>
/// <param name="MMul">Keras <c>m_mul</c>: growth of the starting rate per restart. Default 1.</param>
/// <param name="Alpha">Keras <c>alpha</c>: the fraction of the initial rate that remains. Default 0.</param>
/// <param name="Name">Keras <c>name</c>.</param>
public sealed record CosineDecayRestarts(
    double InitialLearningRate,
    double FirstDecaySteps,
    double TMul = 2.0,
    double MMul = 1.0,
    double Alpha = 0.0,
    string Name = "SGDRDecay")
    : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(long iteration)
    {
        if (IsInteger)
        {
            return IntegerAt(Counter(iteration));
        }

        float fraction = iteration / (float)FirstDecaySteps;
        float growth = (float)TMul;
        float restarts;
        if (growth == 1f)
        {
            restarts = MathF.Floor(fraction);
            fraction -= restarts;
        }
        else
        {
            restarts = MathF.Floor(MathF.Log(1f - fraction * (1f - growth)) / MathF.Log(growth));
            float elapsed = (1f - MathF.Pow(growth, restarts)) / (1f - growth);
            fraction = (fraction - elapsed) / MathF.Pow(growth, restarts);
        }

        float scale = MathF.Pow((float)MMul, restarts);
        float cosine = (0.5f * scale) * (1f + MathF.Cos(MathF.PI * fraction));

        // Unlike CosineDecay, alpha is rounded to float32 before it is subtracted from one.
        float alpha = (float)Alpha;
        return (float)InitialLearningRate * ((1f - alpha) * cosine + alpha);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OptionError> Validate()
    {
        List<OptionError> errors = ScheduleChecks.StepsArePositive(this, "first_decay_steps", FirstDecaySteps).FitIntegers(
            this,
            ("initial_learning_rate", InitialLearningRate),
            ("first_decay_steps", FirstDecaySteps),
            ("t_mul", TMul),
            ("m_mul", MMul),
            ("alpha", Alpha));
        if (IsInteger && errors.Count == 0)
        {
            CheckRestarts(errors);
        }

        return errors;
    }

    /// <summary>What the logarithm is taken of is cast to int32 as well, where too large a number has no defined value.</summary>
    private void CheckRestarts(List<OptionError> errors)
    {
        double largest = 1.0 - Quotient(int.MaxValue, Cast(FirstDecaySteps)) * (1.0 - Cast(TMul));
        if (!Fits(largest))
        {
            errors.Add(new OptionError(
                "first_decay_steps",
                $"With an integer `initial_learning_rate` the restarts leave the range of 32-bit integers before the last iteration. Received: "
                + $"first_decay_steps={PythonRepr.Of(FirstDecaySteps)}, t_mul={PythonRepr.Of(TMul)}. Write `initial_learning_rate` as a float, "
                + "e.g. 1.0 instead of 1."));
        }
    }

    private float IntegerAt(int step)
    {
        double completed = Quotient(step, Cast(FirstDecaySteps));
        int growth = Cast(TMul);
        float restarts;
        float fraction;
        if (growth == 1)
        {
            restarts = MathF.Floor((float)completed);
            fraction = (float)(completed - restarts);
        }
        else
        {
            double rest = 1.0 - growth;
            restarts = MathF.Floor(MathF.Log(Cast(1.0 - completed * rest)) / MathF.Log(growth));
            float power = MathF.Pow(growth, restarts);
            fraction = ((float)completed - (1f - power) / (float)rest) / power;
        }

        float cosine = (0.5f * MathF.Pow(Cast(MMul), restarts)) * (1f + MathF.Cos(Pi * fraction));
        int alpha = Cast(Alpha);
        return Cast(InitialLearningRate) * (unchecked(1 - alpha) * cosine + alpha);
    }
}
