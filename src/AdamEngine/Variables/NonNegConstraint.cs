namespace Adam.Engine;

/// <summary>Keras <c>NonNeg</c>: negative elements become zero. NaN stays NaN.</summary>
public sealed record NonNegConstraint : VariableConstraint;
