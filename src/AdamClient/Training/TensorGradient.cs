namespace Adam.Client;

/// <summary>The gradient of one tensor in a batch that does not have all of them.</summary>
/// <param name="TensorIndex">The index of the tensor.</param>
/// <param name="Values">All its elements, or with <see cref="RowIds"/> those of the listed rows, in any element type.</param>
public readonly record struct TensorGradient(int TensorIndex, ReadOnlyTensorMemory Values)
{
    /// <summary>
    /// The rows (indices along the first dimension) that there are values for, in the order of <see cref="Values"/>. A row may be listed more than
    /// once; its values are then added up in the order of the list. At least one; read until the step is over. Float32 values go as
    /// <see cref="StepOptions.GradientEncoding"/> says; of a row that is listed more than once, <see cref="ErrorFeedback"/> is added to the first. Null: there are values for every row. Default: null.
    /// </summary>
    public ReadOnlyMemory<long>? RowIds { get; init; }

    /// <summary>A gradient that has values for some rows.</summary>
    /// <param name="tensorIndex">The index of the tensor.</param>
    /// <param name="rowIds">The rows.</param>
    /// <param name="values">Their values, one row for each id.</param>
    public static TensorGradient OfRows(int tensorIndex, ReadOnlyMemory<long> rowIds, ReadOnlyTensorMemory values) =>
        new(tensorIndex, values) { RowIds = rowIds };
}
