namespace Adam.Client.Internal;

/// <summary>Whether elements of the caller fit a tensor of the session.</summary>
internal static class TensorFit
{
    /// <exception cref="ArgumentException">There is no such tensor.</exception>
    public static TensorSpec Find(int index, IReadOnlyList<TensorSpec> tensors) => index >= 0 && index < tensors.Count
        ? tensors[index]
        : throw new ArgumentException($"There is no tensor {index}; the session has {tensors.Count}.", nameof(index));

    /// <exception cref="ArgumentException">There is no such tensor, or it has another number of elements or another type.</exception>
    public static void Check(ReadOnlyTensorMemory values, int index, IReadOnlyList<TensorSpec> tensors, string what) =>
        Check(values, index, Find(index, tensors), what);

    /// <exception cref="ArgumentException">The array of the tensor has another number of elements or another type.</exception>
    public static void Check(ReadOnlyTensorMemory values, int index, TensorSpec tensor, string what)
    {
        CheckLength(values, index, tensor, what);
        if (values.DType != tensor.DType && !values.IsEmpty)
        {
            throw new ArgumentException($"Tensor {index} ('{tensor.Name}') is {tensor.DType}, its {what} came as {values.DType}.", nameof(values));
        }
    }

    /// <summary>Whether a buffer can take a tensor as it travels.</summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="index">The tensor.</param>
    /// <param name="tensor">What it is, or its slot.</param>
    /// <param name="dtype">How its elements travel. Null: as the tensor has them. Integers always do.</param>
    /// <exception cref="ArgumentException">The buffer has another length or a type that cannot take it.</exception>
    public static void CheckBuffer(TensorMemory buffer, int index, TensorSpec tensor, TensorDType? dtype)
    {
        if (dtype is not { } sent || tensor.DType == TensorDType.Int32)
        {
            Check(buffer, index, tensor, "buffer");
            return;
        }

        CheckLength(buffer, index, tensor, "buffer");
        if (buffer.DType != sent && buffer.DType != TensorDType.Float32)
        {
            throw new ArgumentException(
                $"Tensor {index} ('{tensor.Name}') is asked for as {sent}, its buffer came as {buffer.DType}: pass {sent} or Float32.",
                nameof(buffer));
        }
    }

    /// <summary>Whether values are a list of rows of a tensor.</summary>
    /// <exception cref="ArgumentException">There is no such tensor, it has no such rows, or there are not as many values as their rows have.</exception>
    public static void CheckRows(ReadOnlyTensorMemory values, ReadOnlySpan<long> rows, int index, IReadOnlyList<TensorSpec> tensors)
    {
        var tensor = Find(index, tensors);
        if (tensor.Shape.Length == 0 || tensor.ElementCount == 0 || rows.IsEmpty)
        {
            throw new ArgumentException(
                $"Tensor {index} ('{tensor.Name}', shape [{string.Join(", ", tensor.Shape)}]) got a list of {rows.Length} rows; a list has at least one, "
                + "of a tensor that has rows with elements.",
                nameof(rows));
        }

        if (values.Length != rows.Length * tensor.RowLength)
        {
            throw new ArgumentException(
                $"{rows.Length} rows of tensor {index} ('{tensor.Name}') have {rows.Length * tensor.RowLength} elements; {values.Length} came.", nameof(values));
        }

        foreach (var row in rows)
        {
            if (row < 0 || row >= tensor.Shape[0])
            {
                throw new ArgumentException($"Tensor {index} ('{tensor.Name}') has rows 0 to {tensor.Shape[0] - 1}; row {row} is listed.", nameof(rows));
            }
        }
    }

    /// <exception cref="ArgumentException">The tensor has another number of elements.</exception>
    public static void CheckLength(ReadOnlyTensorMemory values, int index, TensorSpec tensor, string what)
    {
        if (values.Length != tensor.ElementCount)
        {
            throw new ArgumentException(
                $"Tensor {index} ('{tensor.Name}') has {tensor.ElementCount} elements; {values.Length} came as its {what}.", nameof(values));
        }
    }
}
