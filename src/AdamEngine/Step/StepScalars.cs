using Adam.Engine.Numerics;

namespace Adam.Engine.Step;

/// <summary>
/// The numbers of Keras's Adam that are the same for every element of a step, in the type of the variables. The powers use the rounded
/// betas, the moving averages the rounded difference 1 - beta: the two do not agree exactly, and that is Keras's arithmetic.
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
    /// <param name="step">The group's part of the step.</param>
    /// <param name="epsilon">Keras <c>epsilon</c>.</param>
    /// <param name="dtype">The type of the variables.</param>
    public static StepScalars Of(in GroupStep step, double epsilon, TensorDType dtype) => Of(
        step,
        step.Recorded is { } recorded ? (dtype == TensorDType.Float16 ? recorded.Float16Powers : recorded.Float32Powers) : Powers(step, step.EffectiveIterations + 1, dtype),
        epsilon,
        dtype);

    /// <summary>Computes the scalars of an update of something that counts for itself.</summary>
    /// <param name="step">The group's part of the step.</param>
    /// <param name="update">The number of the update, from 1 on.</param>
    /// <param name="epsilon">Keras <c>epsilon</c>.</param>
    /// <param name="dtype">The type of the variables.</param>
    public static StepScalars Of(in GroupStep step, long update, double epsilon, TensorDType dtype) =>
        Of(step, Powers(step, update, dtype), epsilon, dtype);

    /// <summary>The powers of the betas, as the machine's <c>powf</c> gives them.</summary>
    /// <param name="step">The group's part of the step.</param>
    /// <param name="update">The number of the update, from 1 on.</param>
    /// <param name="dtype">The type of the variables.</param>
    public static BetaPowers Powers(in GroupStep step, long update, TensorDType dtype)
    {
        // A power of its own each step, as in Keras: a running product drifts away by many units in the last place.
        float number = Rounded.To(dtype, (float)update);
        return new BetaPowers(MathF.Pow(Rounded.To(dtype, step.Beta1), number), MathF.Pow(Rounded.To(dtype, step.Beta2), number));
    }

    private static StepScalars Of(in GroupStep step, BetaPowers powers, double epsilon, TensorDType dtype)
    {
        float beta1Power = Rounded.To(dtype, powers.Beta1);
        float beta2Power = Rounded.To(dtype, powers.Beta2);
        float rate = Rounded.To(dtype, step.LearningRate);
        float correction = Rounded.To(dtype, MathF.Sqrt(Rounded.To(dtype, 1f - beta2Power)));
        return new StepScalars(
            rate,
            beta1Power,
            beta2Power,
            Rounded.To(dtype, Rounded.To(dtype, rate * correction) / Rounded.To(dtype, 1f - beta1Power)),
            Rounded.To(dtype, 1.0 - step.Beta1),
            Rounded.To(dtype, 1.0 - step.Beta2),
            Rounded.To(dtype, epsilon));
    }
}
