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
            LossScaleFactor = 8,
            GradientAccumulationSteps = 2,
            ExcludeFromWeightDecay = ["bias"],
        };

        var back = SettingsMapping.FromWire(SettingsMapping.ToWire(settings));

        Assert.Equal(["bias"], back.ExcludeFromWeightDecay);
        Assert.Equal(settings, back with { ExcludeFromWeightDecay = settings.ExcludeFromWeightDecay });
    }

    [Fact]
    public void ToWire_NothingSaid_LeavesEverythingToTheService()
    {
        var wire = SettingsMapping.ToWire(new AdamSettings());

        Assert.Equal(new V1.AdamConfig(), Assert.Single(wire.Groups));
        Assert.False(wire.HasGradientAccumulationSteps);
        Assert.Null(wire.LossScale);
    }
}
