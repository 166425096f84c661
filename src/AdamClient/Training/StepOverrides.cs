namespace Adam.Client;

/// <summary>
/// Hyper-parameters for one batch. Only the learning rate of a <see cref="SuppliedLearningRate"/> is Keras's; the others go beyond it.
/// </summary>
/// <param name="LearningRate">The learning rate of this step. Null: the group's own.</param>
/// <param name="Beta1">The decay of the first moment in this step. Null: the group's own.</param>
/// <param name="Beta2">The decay of the second moment in this step. Null: the group's own.</param>
public sealed record StepOverrides(double? LearningRate = null, double? Beta1 = null, double? Beta2 = null);
