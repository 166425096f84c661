namespace Adam.Client;

/// <summary>Keras <c>loss_scale_factor</c>: gradients are divided by this number.</summary>
/// <param name="Factor">The number.</param>
public sealed record StaticLossScale(double Factor) : LossScale;
