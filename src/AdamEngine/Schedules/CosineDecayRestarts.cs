using Adam.Engine.Schedules;

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
    public override IReadOnlyList<OptionError> Validate() => ScheduleChecks.StepsArePositive("first_decay_steps", FirstDecaySteps);
}
