using System.Collections.Immutable;

namespace Adam.Client;

/// <summary>
/// One variable of the model. Its place in the list of the session is its index, which is Keras's variable order.
/// </summary>
/// <param name="Name">The Keras path, for example <c>dense/kernel</c>. Unique in the session, 1 to 256 bytes of UTF-8.</param>
/// <param name="Shape">The dimensions, outermost first, each 0 or more, at most 8 of them; empty for a scalar. Row-major.</param>
public sealed record TensorSpec(string Name, ImmutableArray<long> Shape)
{
    /// <summary>The element type of the variable and its slots: float32 or float16. Default: float32.</summary>
    public TensorDType DType { get; init; } = TensorDType.Float32;

    /// <summary>The type in which Keras would unscale, accumulate and clip. Null: <see cref="DType"/>. Default: null.</summary>
    public TensorDType? GradientDType { get; init; }

    /// <summary>What the tensor is to the optimizer. Default: trainable.</summary>
    public TensorRole Role { get; init; } = TensorRole.Trainable;

    /// <summary>Applied at the end of each batch that has a gradient for the variable. Null: nothing. Default: null.</summary>
    public TensorConstraint? Constraint { get; init; }

    /// <summary>The index of its group in <see cref="OptimizerSettings.Groups"/>. Default: 0.</summary>
    public int Group { get; init; }

    /// <summary>
    /// Other names under which the model knows the same variable (shared weights), unique among all names and aliases of the session; at
    /// most 16. Default: none.
    /// </summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>True leaves this variable out of weight decay, beside what the group's patterns exclude. Default: false.</summary>
    public bool ExcludeFromWeightDecay { get; init; }

    /// <summary>What becomes of rows that a gradient has no values for. Default: <see cref="RowUpdates.Dense"/>, as in Keras.</summary>
    public RowUpdates RowUpdates { get; init; } = RowUpdates.Dense;

    /// <summary>The number of elements of a row, an index along the first dimension; 1 for a scalar.</summary>
    public long RowLength => Shape.Length > 0 && Shape[0] > 0 ? ElementCount / Shape[0] : 1;

    /// <summary>The number of elements: the product of the dimensions, 1 for a scalar.</summary>
    /// <exception cref="OverflowException">The product exceeds 2^63 - 1.</exception>
    public long ElementCount
    {
        get
        {
            ReadOnlySpan<long> shape = Shape.AsSpan();
            if (shape.Contains(0))
            {
                return 0;
            }

            long count = 1;
            foreach (long dimension in shape)
            {
                count = checked(count * dimension);
            }

            return count;
        }
    }

    /// <summary>Compares by value, the shape dimension by dimension and the aliases one by one.</summary>
    /// <param name="other">The other specification.</param>
    public bool Equals(TensorSpec? other) =>
        other is not null
        && Name == other.Name
        && DType == other.DType
        && GradientDType == other.GradientDType
        && Role == other.Role
        && Constraint == other.Constraint
        && Group == other.Group
        && ExcludeFromWeightDecay == other.ExcludeFromWeightDecay
        && RowUpdates == other.RowUpdates
        && Aliases.AsSpan().SequenceEqual(other.Aliases.AsSpan())
        && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, ExcludeFromWeightDecay, Shape.AsSpan().Length);
}
