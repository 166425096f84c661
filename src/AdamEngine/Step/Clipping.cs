using Adam.Engine.Numerics;

namespace Adam.Engine.Step;

/// <summary>Keras base optimizer, <c>clipnorm</c>, <c>global_clipnorm</c> and <c>clipvalue</c>.</summary>
internal static class Clipping
{
    /// <summary>Whether a limit does anything: Keras ignores zero, negative numbers and NaN silently.</summary>
    public static bool IsActive(double? limit) => limit is > 0;

    /// <summary>
    /// Scales one gradient to a norm of at most the limit. A gradient below the limit is computed all the same and changes by
    /// rounding, because multiplying and dividing by the limit is not the identity in float32.
    /// </summary>
    public static void ClipNorm(Span<float> gradient, double limit)
    {
        float bound = (float)limit;
        float squares = PairwiseSum.OfSquares(gradient);

        // A NaN sum is not above zero: it is passed on as the norm.
        float norm = squares > 0f ? MathF.Sqrt(squares) : squares;
        float divisor = MathF.Max(norm, bound);
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] = gradient[i] * bound / divisor;
        }
    }

    /// <summary>The factor for all gradients, from the sum of squares of each in the order in which they were given.</summary>
    public static float GlobalScale(ReadOnlySpan<float> sumsOfSquares, double limit)
    {
        float norm = MathF.Sqrt(PairwiseSum.Of(sumsOfSquares));
        float scale = (float)limit * MathF.Min(1f / norm, (float)(1.0 / limit));

        // Adds zero for a finite norm and NaN for any other: one bad gradient spoils the step visibly instead of vanishing.
        return scale + (norm - norm);
    }

    /// <summary>Multiplies in place, the second half of global clipping.</summary>
    public static void Scale(Span<float> gradient, float factor)
    {
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] *= factor;
        }
    }

    /// <summary>Limits the magnitude of each element. NaN stays NaN.</summary>
    public static void ClipValue(Span<float> gradient, double limit)
    {
        float bound = (float)limit;
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] = MathF.Min(MathF.Max(gradient[i], -bound), bound);
        }
    }
}
