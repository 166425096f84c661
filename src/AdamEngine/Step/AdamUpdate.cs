namespace Adam.Engine.Step;

/// <summary>
/// Keras Adam, the update of one variable. Every operation is one float32 operation with one rounding; the moving averages are in
/// Keras's incremental form, which has other bits than the weighted sum of the paper.
/// </summary>
internal static class AdamUpdate
{
    public static void Apply(
        Span<float> weights, Span<float> first, Span<float> second, ReadOnlySpan<float> gradient, in StepScalars scalars)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            float m = NextFirst(first[i], gradient[i], scalars);
            float v = NextSecond(second[i], gradient[i], scalars);
            first[i] = m;
            second[i] = v;
            weights[i] -= m * scalars.Alpha / (MathF.Sqrt(v) + scalars.Epsilon);
        }
    }

    /// <summary>With <c>amsgrad</c>: divides by the largest second moment so far, which is kept without bias correction.</summary>
    public static void ApplyAmsGrad(
        Span<float> weights,
        Span<float> first,
        Span<float> second,
        Span<float> maxSecond,
        ReadOnlySpan<float> gradient,
        in StepScalars scalars)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            float m = NextFirst(first[i], gradient[i], scalars);
            float v = NextSecond(second[i], gradient[i], scalars);
            float vHat = MathF.Max(maxSecond[i], v);
            first[i] = m;
            second[i] = v;
            maxSecond[i] = vHat;
            weights[i] -= m * scalars.Alpha / (MathF.Sqrt(vHat) + scalars.Epsilon);
        }
    }

    private static float NextFirst(float m, float g, in StepScalars scalars) => m + (g - m) * scalars.OneMinusBeta1;

    private static float NextSecond(float v, float g, in StepScalars scalars) => v + (g * g - v) * scalars.OneMinusBeta2;
}
