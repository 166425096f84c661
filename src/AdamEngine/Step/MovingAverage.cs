using Adam.Engine.Numerics;

namespace Adam.Engine.Step;

/// <summary>Keras base optimizer, <c>use_ema</c>: the average of the weights, which moves on every call for every variable of the group.</summary>
internal static class MovingAverage
{
    /// <summary>
    /// The momentum of a call. Before the first update it is zero, so that the average starts from the weights of that time and
    /// not from its initial zero.
    /// </summary>
    public static float Momentum(double momentum, long effectiveIterations, TensorDType dtype) =>
        (effectiveIterations != 0 ? 1f : 0f) * Rounded.To(dtype, momentum);

    /// <summary>The rest to one.</summary>
    public static float Rest(float momentum, TensorDType dtype) => Rounded.To(dtype, 1f - momentum);

    /// <summary>Whether the weights become their average in a call. With accumulation this holds for whole windows of calls.</summary>
    public static bool Overwrites(int? frequency, long effectiveIterations) =>
        frequency is { } every and not 0 && (effectiveIterations + 1) % every == 0;
}
