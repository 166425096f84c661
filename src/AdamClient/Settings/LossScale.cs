namespace Adam.Client;

/// <summary>How gradients are divided before use: <see cref="StaticLossScale"/> or <see cref="DynamicLossScale"/>.</summary>
public abstract record LossScale
{
    private protected LossScale()
    {
    }
}
