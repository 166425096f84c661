namespace Adam.Engine;

/// <summary>
/// The gradient of one variable. The order of gradients in a list matters to the global norm, as it does in Keras; a variable
/// that is not in the list is one whose gradient is <c>None</c> in Keras.
/// </summary>
/// <param name="VariableIndex">Index of the variable in <see cref="AdamOptimizer.Variables"/>.</param>
/// <param name="Values">
/// As many elements as the variable has, row-major. The optimizer computes in this buffer: after
/// <see cref="AdamOptimizer.Apply"/> its content is scratch. No two gradients of a list may share memory.
/// </param>
public readonly record struct Gradient(int VariableIndex, Memory<float> Values);
