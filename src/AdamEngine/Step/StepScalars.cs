namespace Adam.Engine.Step;

/// <summary>
/// The numbers of Keras's Adam update that are the same for every element of a step. The powers use the rounded betas, the moving
/// averages the rounded difference 1 - beta: the two do not agree exactly, and that is Keras's arithmetic.
/// </summary>
internal readonly record struct StepScalars(
    float LearningRate,
    float Beta1Power,
    float Beta2Power,
    float Alpha,
    float OneMinusBeta1,
    float OneMinusBeta2,
    float Epsilon)
{
    /// <summary>Computes the scalars of an update.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="effectiveIterations">Updates done before this one.</param>
    /// <param name="learningRate">The learning rate of this update.</param>
    public static StepScalars Of(AdamOptions options, long effectiveIterations, float learningRate)
    {
        float step = effectiveIterations + 1;

        // A power of its own each step, as in Keras: a running product drifts away by many units in the last place.
        float beta1Power = MathF.Pow((float)options.Beta1, step);
        float beta2Power = MathF.Pow((float)options.Beta2, step);
        return new StepScalars(
            learningRate,
            beta1Power,
            beta2Power,
            learningRate * MathF.Sqrt(1f - beta2Power) / (1f - beta1Power),
            (float)(1.0 - options.Beta1),
            (float)(1.0 - options.Beta2),
            (float)options.Epsilon);
    }
}
