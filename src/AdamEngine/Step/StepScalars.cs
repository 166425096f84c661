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
    public static StepScalars Of(in GroupStep step, double epsilon, TensorDType dtype) => Of(step, step.EffectiveIterations + 1, epsilon, dtype);

    /// <summary>Computes the scalars of an update of something that counts for itself.</summary>
    /// <param name="step">The group's part of the step.</param>
    /// <param name="update">The number of the update, from 1 on.</param>
    /// <param name="epsilon">Keras <c>epsilon</c>.</param>
    /// <param name="dtype">The type of the variables.</param>
    public static StepScalars Of(in GroupStep step, long update, double epsilon, TensorDType dtype)
    {
        float number = Rounded.To(dtype, (float)update);

        // A power of its own each step, as in Keras: a running product drifts away by many units in the last place.
        float beta1Power = Rounded.To(dtype, MathF.Pow(Rounded.To(dtype, step.Beta1), number));
        float beta2Power = Rounded.To(dtype, MathF.Pow(Rounded.To(dtype, step.Beta2), number));
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
