using Adam.V1;

namespace Adam.Crash.Tests.Workload;

/// <summary>The sessions that crash tests train: between them they have every kind of state there is.</summary>
internal static class Plans
{
    /// <summary>One of each kind.</summary>
    /// <param name="tier">How safe they are.</param>
    public static IReadOnlyList<SessionPlan> All(DurabilityTier tier) =>
    [
        new("plain", tier, new OptimizerConfig(), [Tensor("dense/kernel", 64, 32), Tensor("dense/bias", 32)]),
        new(
            "everything",
            tier,
            new OptimizerConfig
            {
                Groups =
                {
                    new AdamConfig
                    {
                        Amsgrad = true, UseEma = true, EmaOverwriteFrequency = 4, WeightDecay = 0.01, GlobalClipnorm = 1.5,
                        LearningRate = new LearningRate
                        {
                            Schedule = new LearningRateSchedule { CosineDecay = new CosineDecay { InitialLearningRate = 0.01, DecaySteps = 500 } },
                        },
                    },
                },
                GradientAccumulationSteps = 3,
                LossScale = new LossScale { Dynamic = new DynamicLossScale { InitialScale = 1024, DynamicGrowthSteps = 6 } },
            },
            [Tensor("a", 700), Tensor("b", 33, 3), Tensor("c")]),
        new(
            "rows",
            tier,
            new OptimizerConfig { Groups = { new AdamConfig { LearningRate = new LearningRate { Value = 0.05 }, UseEma = true } } },
            [Lazy("embedding", 40, 8), Tensor("head", 8, 4)]),
    ];

    private static TensorSpec Tensor(string name, params long[] shape) => new() { Name = name, Shape = { shape } };

    private static TensorSpec Lazy(string name, params long[] shape) => new() { Name = name, Shape = { shape }, RowUpdates = RowUpdates.Lazy };
}
