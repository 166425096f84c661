namespace Adam.Engine;

/// <summary>
/// Numbers for one step alone. A learning rate for a group whose rate is <see cref="LearningRate.Supplied"/> is what Keras gets from
/// a callable; everything else goes beyond Keras.
/// </summary>
/// <param name="LearningRate">The learning rate of the step, rounded once to each variable's type. Null: the group's own.</param>
/// <param name="Beta1">The decay of the first moment. Null: the group's own.</param>
/// <param name="Beta2">The decay of the second moment. Null: the group's own.</param>
public readonly record struct StepOverrides(double? LearningRate = null, double? Beta1 = null, double? Beta2 = null);
