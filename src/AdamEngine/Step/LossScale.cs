namespace Adam.Engine.Step;

/// <summary>Keras base optimizer, static loss scale: gradients are divided by <c>loss_scale_factor</c>.</summary>
internal static class LossScale
{
    /// <summary>Divides in place. A true division: multiplying by the inverse would round differently.</summary>
    public static void Unscale(Span<float> gradient, float factor)
    {
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] /= factor;
        }
    }
}
