namespace Adam.Client.Internal;

/// <summary>Tensors as they are described, to the wire and back.</summary>
internal static class TensorMapping
{
    public static V1.TensorSpec ToWire(TensorSpec tensor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tensor.Group, nameof(TensorSpec.Group));
        var wire = new V1.TensorSpec
        {
            Name = tensor.Name,
            Shape = { tensor.Shape.AsSpan().ToArray() },
            Dtype = ElementTypes.ToWire(tensor.DType),
            Role = tensor.Role switch
            {
                TensorRole.Trainable => V1.TensorRole.Trainable,
                TensorRole.Frozen => V1.TensorRole.Frozen,
                TensorRole.Buffer => V1.TensorRole.Buffer,
                _ => throw new ArgumentOutOfRangeException(nameof(tensor), tensor.Role, "A tensor is trainable, frozen or a buffer."),
            },
            ExcludeFromWeightDecay = tensor.ExcludeFromWeightDecay,
            Group = (uint)tensor.Group,
            RowUpdates = tensor.RowUpdates switch
            {
                // Left out, so that a service that knows no rows takes the tensor.
                RowUpdates.Dense => V1.RowUpdates.Unspecified,
                RowUpdates.Lazy => V1.RowUpdates.Lazy,
                _ => throw new ArgumentOutOfRangeException(nameof(tensor), tensor.RowUpdates, "Rows are updated dense or lazily."),
            },
            Aliases = { tensor.Aliases.AsSpan().ToArray() },
        };
        if (tensor.Constraint is { } constraint)
        {
            wire.Constraint = ToWire(constraint);
        }

        Given.Set(tensor.GradientDType, value => wire.GradientDtype = ElementTypes.ToWire(value));
        return wire;
    }

    public static IReadOnlyList<TensorSpec> FromWire(IEnumerable<V1.TensorSpec> tensors) => [.. tensors.Select(FromWire)];

    private static TensorSpec FromWire(V1.TensorSpec tensor) => new(tensor.Name, [.. tensor.Shape])
    {
        DType = ElementTypes.FromWire(tensor.Dtype),
        GradientDType = tensor.GradientDtype == V1.DType.Unspecified ? null : ElementTypes.FromWire(tensor.GradientDtype),
        Role = tensor.Role switch
        {
            V1.TensorRole.Unspecified or V1.TensorRole.Trainable => TensorRole.Trainable,
            V1.TensorRole.Frozen => TensorRole.Frozen,
            V1.TensorRole.Buffer => TensorRole.Buffer,
            _ => TensorRole.Unknown,
        },
        Constraint = FromWire(tensor.Constraint),
        Group = (int)tensor.Group,
        RowUpdates = tensor.RowUpdates == V1.RowUpdates.Lazy ? RowUpdates.Lazy : RowUpdates.Dense,
        Aliases = [.. tensor.Aliases],
        ExcludeFromWeightDecay = tensor.ExcludeFromWeightDecay,
    };

    private static V1.Constraint ToWire(TensorConstraint constraint)
    {
        switch (constraint)
        {
            case NonNegConstraint:
                return new V1.Constraint { NonNeg = new V1.NonNegConstraint() };
            case MaxNormConstraint maxNorm:
                var wire = new V1.MaxNormConstraint();
                Given.Set(maxNorm.MaxValue, value => wire.MaxValue = value);
                Given.Set(maxNorm.Axis, value => wire.Axis = value);
                return new V1.Constraint { MaxNorm = wire };
            default:
                throw new ArgumentOutOfRangeException(nameof(constraint), constraint, "Not a constraint of this SDK.");
        }
    }

    private static TensorConstraint? FromWire(V1.Constraint? constraint) => constraint?.RuleCase switch
    {
        V1.Constraint.RuleOneofCase.NonNeg => new NonNegConstraint(),
        V1.Constraint.RuleOneofCase.MaxNorm => new MaxNormConstraint(
            constraint.MaxNorm.HasMaxValue ? constraint.MaxNorm.MaxValue : null,
            constraint.MaxNorm.HasAxis ? constraint.MaxNorm.Axis : null),
        _ => null,
    };
}
