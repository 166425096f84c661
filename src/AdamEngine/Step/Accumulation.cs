namespace Adam.Engine.Step;

/// <summary>Keras base optimizer, <c>gradient_accumulation_steps</c>: several calls make one update.</summary>
internal static class Accumulation
{
    /// <summary>Whether the call at this value of the raw counter updates the weights.</summary>
    public static bool IsUpdateStep(long iterations, int steps) => steps == 0 || (iterations + 1) % steps == 0;

    /// <summary>Updates done before the call at this value of the raw counter: Keras's public <c>optimizer.iterations</c>.</summary>
    public static long EffectiveIterations(long iterations, int steps) => steps == 0 ? iterations : iterations / steps;
}
