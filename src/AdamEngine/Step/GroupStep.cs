namespace Adam.Engine.Step;

/// <summary>One group's part of a step: what Keras reads from the optimizer at the start of <c>apply</c>.</summary>
/// <param name="IsCalled">Whether any of its variables has a gradient. If not, nothing of the group advances.</param>
/// <param name="Iterations">The raw counter before the step.</param>
/// <param name="AccumulationSteps">Steps of a window; 0 without accumulation.</param>
/// <param name="LearningRate">The learning rate, before its rounding to the type of a variable.</param>
/// <param name="Beta1">The decay of the first moment.</param>
/// <param name="Beta2">The decay of the second moment.</param>
/// <param name="Recorded">What the mathematical library gave when the step was first made; null to ask this machine's.</param>
internal readonly record struct GroupStep(
    bool IsCalled, long Iterations, int AccumulationSteps, double LearningRate, double Beta1, double Beta2, GroupScalars? Recorded = null)
{
    public long EffectiveIterations => Accumulation.EffectiveIterations(Iterations, AccumulationSteps);

    public bool Updates => Accumulation.IsUpdateStep(Iterations, AccumulationSteps);
}
