namespace Adam.Engine;

/// <summary>A learning rate that every step brings along: what a Python callable is to Keras.</summary>
public sealed record SuppliedLearningRate : LearningRate
{
    /// <summary>There is no rate without a step.</summary>
    /// <param name="iteration">Not used.</param>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override float At(long iteration) => throw new InvalidOperationException("The learning rate comes with every step.");
}
