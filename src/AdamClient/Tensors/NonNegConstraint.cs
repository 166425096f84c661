namespace Adam.Client;

/// <summary><c>keras.constraints.NonNeg</c>: negative elements become zero.</summary>
public sealed record NonNegConstraint : TensorConstraint;
