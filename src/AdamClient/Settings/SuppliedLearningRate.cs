namespace Adam.Client;

/// <summary>A learning rate that comes with every step, as a Python callable does: <see cref="StepOptions.Overrides"/> must have it.</summary>
public sealed record SuppliedLearningRate : LearningRate;
