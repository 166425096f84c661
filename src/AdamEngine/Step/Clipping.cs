using Adam.Engine.Numerics;

namespace Adam.Engine.Step;

/// <summary>Keras base optimizer, <c>clipnorm</c>, <c>global_clipnorm</c> and <c>clipvalue</c>: the numbers by which kernels clip.</summary>
internal static class Clipping
{
    /// <summary>Whether a limit does anything: Keras ignores zero, negative numbers and NaN silently.</summary>
    public static bool IsActive(double? limit) => limit is > 0;

    /// <summary>
    /// What a gradient that was multiplied by the limit is divided by. A gradient below the limit is computed all the same and changes
    /// by rounding, because multiplying and dividing by the limit is not the identity.
    /// </summary>
    /// <param name="squares">Its sum of squares.</param>
    /// <param name="limit">The limit, rounded to <paramref name="dtype"/>.</param>
    /// <param name="dtype">The type in which it is clipped.</param>
    public static float NormDivisor(float squares, float limit, TensorDType dtype)
    {
        // A NaN sum is not above zero: it is passed on as the norm.
        float norm = squares > 0f ? Rounded.To(dtype, MathF.Sqrt(squares)) : squares;
        return MathF.Max(norm, limit);
    }

    /// <summary>The factor for all gradients.</summary>
    /// <param name="sumsOfSquares">The sum of squares of each, in the order in which they were given.</param>
    /// <param name="limit">The limit as it was given.</param>
    /// <param name="dtype">The widest of the types in which the gradients are clipped.</param>
    public static float GlobalScale(ReadOnlySpan<float> sumsOfSquares, double limit, TensorDType dtype)
    {
        float squares = dtype == TensorDType.Float16 ? Float16Sum(sumsOfSquares) : PairwiseSum.Of(sumsOfSquares);
        float norm = Rounded.To(dtype, MathF.Sqrt(squares));
        float inverse = Rounded.To(dtype, 1f / norm);
        float scale = Rounded.To(dtype, Rounded.To(dtype, limit) * MathF.Min(inverse, Rounded.To(dtype, 1.0 / limit)));

        // Adds zero for a finite norm and NaN for any other: one bad gradient spoils the step visibly instead of vanishing.
        float spoiler = Rounded.To(dtype, norm - norm);
        return Rounded.To(dtype, scale + spoiler);
    }

    /// <summary>Adds the sum of one block to those before it.</summary>
    public static float AddBlock(float total, float block, TensorDType dtype) => Rounded.To(dtype, total + block);

    private static unsafe float Float16Sum(ReadOnlySpan<float> values)
    {
        float total = 0f;
        fixed (float* elements = values)
        {
            for (int start = 0; start < values.Length; start += PairwiseSum.BlockLength)
            {
                int count = Math.Min(PairwiseSum.BlockLength, values.Length - start);
                total = AddBlock(total, PairwiseSum.Block(elements + start, count), TensorDType.Float16);
            }
        }

        return total;
    }
}
