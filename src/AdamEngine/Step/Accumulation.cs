namespace Adam.Engine.Step;

/// <summary>Keras base optimizer, <c>gradient_accumulation_steps</c>: several calls make one update.</summary>
internal static class Accumulation
{
    /// <summary>Whether the call at this value of the raw counter updates the weights.</summary>
    public static bool IsUpdateStep(long iterations, int steps) => steps == 0 || (iterations + 1) % steps == 0;

    /// <summary>Updates done before the call at this value of the raw counter: Keras's public <c>optimizer.iterations</c>.</summary>
    public static long EffectiveIterations(long iterations, int steps) => steps == 0 ? iterations : iterations / steps;

    /// <summary>A call that only accumulates.</summary>
    public static void Add(Span<float> accumulator, ReadOnlySpan<float> gradient)
    {
        for (int i = 0; i < accumulator.Length; i++)
        {
            accumulator[i] = gradient[i] + accumulator[i];
        }
    }

    /// <summary>
    /// A call that updates: the gradient becomes the mean over the window. The divisor is the full number of steps, even if some
    /// of the calls had no gradient for this variable.
    /// </summary>
    public static void Mean(Span<float> gradient, ReadOnlySpan<float> accumulator, int steps)
    {
        float divisor = steps;
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] = (gradient[i] + accumulator[i]) / divisor;
        }
    }
}
