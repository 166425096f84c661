namespace Adam.Engine.Step;

/// <summary>Keras base optimizer, <c>weight_decay</c>: decoupled decay, before the Adam update and without touching moments.</summary>
internal static class WeightDecay
{
    public static void Apply(Span<float> weights, float decay, float learningRate)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] -= weights[i] * decay * learningRate;
        }
    }
}
