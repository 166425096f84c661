using Adam.Client.Internal;

namespace Adam.Client.Tests.Settings;

public sealed class SettingsMappingTests
{
    public static TheoryData<LearningRate> Rates =>
    [
        new ConstantLearningRate(0.25),
        new ExponentialDecay(0.1, 10, 0.9, Staircase: true),
        new InverseTimeDecay(0.1, 10, 0.5),
        new PiecewiseConstantDecay([10, 20], [0.1, 0.01, 0.001]),
        new PolynomialDecay(0.1, 100, EndLearningRate: 0, Power: 2, Cycle: true),
        new PolynomialDecay(0.1, 100),
        new CosineDecay(0.1, 100, Alpha: 0, WarmupTarget: 1, WarmupSteps: 5),
        new CosineDecay(0.1, 100),
        new CosineDecayRestarts(0.1, 100, TMul: 3, MMul: 0.5, Alpha: 0.1),
        new CosineDecayRestarts(0.1, 100),
        new SuppliedLearningRate(),
    ];

    [Theory]
    [MemberData(nameof(Rates))]
    public void FromWire_OfToWire_GivesTheSameRate(LearningRate rate)
    {
        Assert.Equal(rate, LearningRateMapping.FromWire(LearningRateMapping.ToWire(rate)));
    }

    [Fact]
    public void FromWire_OfToWire_KeepsEveryArgument()
    {
        var settings = new AdamSettings
        {
            LearningRate = 0.5,
            Beta1 = 0,
            Beta2 = 0.5,
            Epsilon = 0,
            AmsGrad = false,
            WeightDecay = 0,
            ClipNorm = 1,
            GlobalClipNorm = 2,
            ClipValue = 3,
            UseEma = true,
            EmaMomentum = 0.5,
            EmaOverwriteFrequency = 4,
            ExcludeFromWeightDecay = ["bias"],
            Name = "mine",
        };

        var back = GroupMapping.FromWire(GroupMapping.ToWire(settings));

        Assert.Equal(["bias"], back.ExcludeFromWeightDecay);
        Assert.Equal(settings, back with { ExcludeFromWeightDecay = settings.ExcludeFromWeightDecay });
    }

    public static TheoryData<LossScale> LossScales =>
        [new StaticLossScale(8), new DynamicLossScale(), new DynamicLossScale(0.5, 3, "scale")];

    [Theory]
    [MemberData(nameof(LossScales))]
    public void FromWire_OfToWire_KeepsWhatTheSessionHasOnce(LossScale scale)
    {
        var settings = new OptimizerSettings
        {
            Groups = [new AdamSettings { Beta1 = 0.5 }, new AdamSettings { Beta1 = 0.25 }],
            GradientAccumulationSteps = 2,
            LossScale = scale,
            NonFinitePolicy = NonFinitePolicy.Skip,
            ClipScope = ClipScope.Session,
            KerasConfigJson = "{}",
        };

        var back = SettingsMapping.FromWire(SettingsMapping.ToWire(settings));

        Assert.Equal([0.5, 0.25], back.Groups.Select(group => group.Beta1!.Value));
        Assert.Equal(settings, back with { Groups = settings.Groups });
    }

    [Fact]
    public void FromWire_OfToWire_KeepsEverythingOfATensor()
    {
        TensorSpec[] tensors =
        [
            new("a", [2, 3]),
            new("b", [])
            {
                DType = TensorDType.Float16,
                GradientDType = TensorDType.Float32,
                Role = TensorRole.Frozen,
                Constraint = new NonNegConstraint(),
                Group = 1,
                Aliases = ["c", "d"],
                ExcludeFromWeightDecay = true,
            },
            new("e", [4]) { Role = TensorRole.Buffer, Constraint = new MaxNormConstraint(3, -1) },
            new("f", [4]) { Constraint = new MaxNormConstraint() },
        ];

        Assert.Equal(tensors, TensorMapping.FromWire(tensors.Select(TensorMapping.ToWire)));
    }

    [Fact]
    public void ToWire_NothingSaid_LeavesEverythingToTheService()
    {
        Assert.Equal(new V1.OptimizerConfig(), SettingsMapping.ToWire(new OptimizerSettings()));
        Assert.Equal(new V1.AdamConfig(), Assert.Single(SettingsMapping.ToWire(new AdamSettings()).Groups));
    }
}
