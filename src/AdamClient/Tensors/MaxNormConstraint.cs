namespace Adam.Client;

/// <summary><c>keras.constraints.MaxNorm</c>: norms along an axis are limited.</summary>
/// <param name="MaxValue">The largest norm. Null: Keras's default, 2.</param>
/// <param name="Axis">The axis that a norm is taken along; negative ones count from the last. Null: Keras's default, 0.</param>
public sealed record MaxNormConstraint(double? MaxValue = null, long? Axis = null) : TensorConstraint;
