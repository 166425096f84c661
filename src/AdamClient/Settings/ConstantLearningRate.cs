namespace Adam.Client;

/// <summary>A learning rate that stays as it is until it is changed.</summary>
/// <param name="Value">Any number, as in Keras; it is rounded once to float32.</param>
public sealed record ConstantLearningRate(double Value) : LearningRate;
