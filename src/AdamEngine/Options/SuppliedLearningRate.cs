namespace Adam.Engine;

/// <summary>A learning rate that every step brings along: what a Python callable is to Keras.</summary>
public sealed record SuppliedLearningRate : LearningRate
{
    /// <summary>
    /// The serialised Python callable that Keras's JSON had here, as JSON; null when the rate did not come from there. It is kept for
    /// <see cref="KerasOptimizerJson.Export"/>, is never run, and does not count in comparisons.
    /// </summary>
    public string? KerasCallable { get; init; }

    /// <summary>There is no rate without a step.</summary>
    /// <param name="iteration">Not used.</param>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override float At(long iteration) => throw new InvalidOperationException("The learning rate comes with every step.");

    /// <summary>All supplied rates are equal.</summary>
    /// <param name="other">The other rate.</param>
    public bool Equals(SuppliedLearningRate? other) => other is not null;

    /// <inheritdoc/>
    public override int GetHashCode() => nameof(SuppliedLearningRate).Length;
}
