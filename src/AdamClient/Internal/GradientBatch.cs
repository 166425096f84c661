namespace Adam.Client.Internal;

/// <summary>The gradients of one batch, checked against the tensors of the session.</summary>
internal sealed class GradientBatch
{
    private GradientBatch(IReadOnlyList<TensorGradient> gradients, bool isComplete)
    {
        Gradients = gradients;
        IsComplete = isComplete;
    }

    /// <summary>The gradients in the order that Keras would see them in.</summary>
    public IReadOnlyList<TensorGradient> Gradients { get; }

    /// <summary>True if every trainable tensor has one, in the order of the tensors.</summary>
    public bool IsComplete { get; }

    /// <exception cref="ArgumentException">Not one gradient for each trainable tensor, or not of the tensor's length.</exception>
    public static GradientBatch OfAll(
        IReadOnlyList<ReadOnlyTensorMemory> gradients, IReadOnlyList<TensorSpec> tensors, IReadOnlyList<int> trainable)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        if (gradients.Count != trainable.Count)
        {
            throw new ArgumentException(
                $"The session has {trainable.Count} trainable tensors and {gradients.Count} gradients came. Name the tensors with TensorGradient "
                + "where some have none.",
                nameof(gradients));
        }

        var listed = new TensorGradient[gradients.Count];
        for (var i = 0; i < listed.Length; i++)
        {
            listed[i] = Checked(new TensorGradient(trainable[i], gradients[i]), tensors);
        }

        return new GradientBatch(listed, isComplete: true);
    }

    /// <exception cref="ArgumentException">
    /// No gradient, one of an unknown or not trainable tensor, two of one tensor, or not of the tensor's length.
    /// </exception>
    public static GradientBatch OfListed(IReadOnlyList<TensorGradient> gradients, IReadOnlyList<TensorSpec> tensors)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        if (gradients.Count == 0)
        {
            throw new ArgumentException("A batch needs a gradient for at least one tensor.", nameof(gradients));
        }

        var seen = new HashSet<int>();
        foreach (var gradient in gradients)
        {
            Checked(gradient, tensors);
            if (!seen.Add(gradient.TensorIndex))
            {
                throw new ArgumentException($"Tensor {gradient.TensorIndex} has two gradients.", nameof(gradients));
            }
        }

        return new GradientBatch(gradients, isComplete: false);
    }

    private static TensorGradient Checked(TensorGradient gradient, IReadOnlyList<TensorSpec> tensors)
    {
        if (gradient.RowIds is { } rows)
        {
            TensorFit.CheckRows(gradient.Values, rows.Span, gradient.TensorIndex, tensors);
        }
        else
        {
            TensorFit.CheckLength(gradient.Values, gradient.TensorIndex, TensorFit.Find(gradient.TensorIndex, tensors), "gradient");
        }

        var tensor = tensors[gradient.TensorIndex];
        if (gradient.Values.DType == TensorDType.Int32 && !gradient.Values.IsEmpty)
        {
            throw new ArgumentException(
                $"The gradient of tensor {gradient.TensorIndex} ('{tensor.Name}') came as integers; gradients are real numbers.", nameof(gradient));
        }

        return tensor.Role == TensorRole.Trainable
            ? gradient
            : throw new ArgumentException(
                $"Tensor {gradient.TensorIndex} ('{tensor.Name}') is {tensor.Role} and takes no gradient.", nameof(gradient));
    }
}
