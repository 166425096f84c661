using System.Collections.Immutable;

namespace Adam.Client;

/// <summary>
/// One float32 variable of the model. Its place in the list of the session is its index, which is Keras's variable order.
/// </summary>
/// <param name="Name">The Keras path, for example <c>dense/kernel</c>. Unique in the session, 1 to 256 bytes of UTF-8.</param>
/// <param name="Shape">The dimensions, outermost first, each 0 or more, at most 8 of them; empty for a scalar. Row-major.</param>
public sealed record TensorSpec(string Name, ImmutableArray<long> Shape)
{
    /// <summary>True leaves this variable out of weight decay, beside what the settings' patterns exclude. Default: false.</summary>
    public bool ExcludeFromWeightDecay { get; init; }

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

    /// <summary>Compares by value, the shape dimension by dimension.</summary>
    /// <param name="other">The other specification.</param>
    public bool Equals(TensorSpec? other) =>
        other is not null
        && Name == other.Name
        && ExcludeFromWeightDecay == other.ExcludeFromWeightDecay
        && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, ExcludeFromWeightDecay, Shape.AsSpan().Length);
}
