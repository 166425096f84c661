namespace Adam.Engine;

/// <summary>A learning rate that stays as it is until it is set.</summary>
/// <param name="Value">The rate before its rounding to float32.</param>
public sealed record ConstantLearningRate(double Value) : LearningRate
{
    /// <inheritdoc/>
    public override float At(long iteration) => (float)Value;
}
