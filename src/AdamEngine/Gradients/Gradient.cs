namespace Adam.Engine;

/// <summary>
/// The gradient of one variable. The order of gradients in a list matters to the global norm, as it does in Keras; a variable
/// that is not in the list is one whose gradient is <c>None</c> in Keras.
/// </summary>
/// <param name="VariableIndex">Index of the variable in <see cref="AdamOptimizer.Variables"/>.</param>
/// <param name="Values">
/// As many elements as the variable has, or with <see cref="Rows"/> as its listed rows have, row-major, in any element type: each is converted
/// to the variable's gradient type as it is read. The memory is only read, and must stay as it is until <see cref="AdamOptimizer.Apply"/> returns.
/// </param>
public readonly record struct Gradient(int VariableIndex, TensorView Values)
{
    /// <summary>
    /// The rows that there are values for, strictly ascending: for variables with <see cref="RowUpdates.Lazy"/> only. Null: the gradient has
    /// values for every row. Lists in any order and with duplicates are brought into this form by <see cref="RowSums"/>, which also makes the
    /// dense gradients of other variables. Default null.
    /// </summary>
    public RowView? Rows { get; init; }
}
