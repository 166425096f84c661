namespace Adam.Engine;

/// <summary>Keras <c>MaxNorm</c>: scales the variable so that norms along an axis do not exceed a value.</summary>
/// <param name="MaxValue">Keras <c>max_value</c>. Any number. Default 2.</param>
/// <param name="Axis">
/// Keras <c>axis</c>: the axis that a norm is taken along; negative ones count from the last. Must be an axis of the variable. Default 0.
/// </param>
public sealed record MaxNormConstraint(double MaxValue = 2.0, long Axis = 0) : VariableConstraint;
