using System.Collections.Immutable;

namespace Adam.Engine;

/// <summary>What a variable is: its identity, shape and type, without its values.</summary>
/// <param name="Path">Keras <c>variable.path</c>, e.g. <c>dense/kernel</c>. Not empty; unique within an optimizer.</param>
/// <param name="Shape">Dimensions, outermost first, each 0 or more; empty for a scalar. Elements are row-major.</param>
public sealed record VariableSpec(string Path, ImmutableArray<long> Shape)
{
    /// <summary>Element type. Default <see cref="TensorDType.Float32"/>.</summary>
    public TensorDType DType { get; init; }

    /// <summary>
    /// The type in which Keras would get the gradient, and unscale, accumulate and clip it: <see cref="TensorDType.Float32"/> or
    /// <see cref="TensorDType.Float16"/>. Null: that of the variable. Default null.
    /// </summary>
    public TensorDType? GradientDType { get; init; }

    /// <summary>What it is to the optimizer. Default <see cref="VariableRole.Trainable"/>.</summary>
    public VariableRole Role { get; init; }

    /// <summary>The group whose settings update it: an index into <see cref="OptimizerOptions.Groups"/>. Default 0.</summary>
    public int Group { get; init; }

    /// <summary>What is applied at the end of each step that has a gradient for it. Null: nothing. Default null.</summary>
    public VariableConstraint? Constraint { get; init; }

    /// <summary>Whether weight decay skips this variable (Keras <c>exclude_from_weight_decay</c>). Default false.</summary>
    public bool ExcludedFromWeightDecay { get; init; }

    /// <summary>
    /// What becomes of rows that a gradient has no values for. <see cref="RowUpdates.Lazy"/> is for trainable variables with at least one
    /// dimension. Default <see cref="RowUpdates.Dense"/>, as in Keras.
    /// </summary>
    public RowUpdates RowUpdates { get; init; }

    /// <summary>Keras <c>variable.name</c>: the last component of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Number of elements: the product of the dimensions; 1 for a scalar, 0 if any dimension is 0.</summary>
    /// <exception cref="OverflowException">The product exceeds 2^63 - 1.</exception>
    public long ElementCount
    {
        get
        {
            if (Shape.Contains(0))
            {
                return 0;
            }

            long count = 1;
            foreach (long dimension in Shape)
            {
                count = checked(count * dimension);
            }

            return count;
        }
    }

    /// <summary>Number of rows: the first dimension; 1 for a scalar.</summary>
    public long RowCount => Shape.Length > 0 ? Shape[0] : 1;

    /// <summary>Elements of a row: the product of the other dimensions.</summary>
    public long RowLength => Shape.Length > 0 && Shape[0] > 0 ? ElementCount / Shape[0] : 1;

    /// <summary>Compares by value, the shape dimension by dimension.</summary>
    /// <param name="other">The other specification.</param>
    public bool Equals(VariableSpec? other) =>
        other is not null
        && Path == other.Path
        && DType == other.DType
        && GradientDType == other.GradientDType
        && Role == other.Role
        && Group == other.Group
        && Constraint == other.Constraint
        && ExcludedFromWeightDecay == other.ExcludedFromWeightDecay
        && RowUpdates == other.RowUpdates
        && (Shape.IsDefault || other.Shape.IsDefault ? Shape.IsDefault == other.Shape.IsDefault : Shape.SequenceEqual(other.Shape));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path, DType, Group, ExcludedFromWeightDecay, Shape.IsDefault ? -1 : Shape.Length);
}
