namespace Adam.Engine.Step;

/// <summary>Keras base optimizer, <c>use_ema</c>: the average of the weights, which moves on every call for every variable.</summary>
internal static class ExponentialMovingAverage
{
    /// <summary>
    /// The momentum of a call. Before the first update it is zero, so that the average starts from the weights of that time and
    /// not from its initial zero.
    /// </summary>
    public static float Momentum(double momentum, long effectiveIterations) => (effectiveIterations != 0 ? 1f : 0f) * (float)momentum;

    /// <summary>Whether the weights become their average in a call. With accumulation this holds for whole windows of calls.</summary>
    public static bool Overwrites(int? frequency, long effectiveIterations) =>
        frequency is { } every and not 0 && (effectiveIterations + 1) % every == 0;

    public static void Update(Span<float> average, ReadOnlySpan<float> weights, float momentum)
    {
        float rest = 1f - momentum;
        for (int i = 0; i < average.Length; i++)
        {
            average[i] = momentum * average[i] + rest * weights[i];
        }
    }
}
