using System.Collections.Immutable;

namespace Adam.Client;

/// <summary>
/// <c>keras.optimizers.schedules.PiecewiseConstantDecay</c>: a constant on each interval; a boundary belongs to the interval on
/// its left.
/// </summary>
/// <param name="Boundaries">Increasing step numbers; fractions are cut off, as in Keras.</param>
/// <param name="Values">The rates, exactly one more than there are boundaries.</param>
public sealed record PiecewiseConstantDecay(ImmutableArray<double> Boundaries, ImmutableArray<double> Values) : LearningRateSchedule
{
    /// <summary>Compares the boundaries and the values one by one.</summary>
    /// <param name="other">The other schedule.</param>
    public bool Equals(PiecewiseConstantDecay? other) =>
        other is not null
        && Boundaries.AsSpan().SequenceEqual(other.Boundaries.AsSpan())
        && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Boundaries.AsSpan().Length, Values.AsSpan().Length);
}
