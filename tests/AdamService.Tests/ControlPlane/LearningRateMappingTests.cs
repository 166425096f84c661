using Adam.Golden;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Tests.Golden;
using Adam.Service.Tests.Support;
using Wire = Adam.V1;

namespace Adam.Service.Tests.ControlPlane;

public sealed class LearningRateMappingTests
{
    private static readonly IReadOnlyList<GoldenScheduleTable> Tables = GoldenFiles.ReadScheduleTables();

    public static TheoryData<int> Indexes => [.. Enumerable.Range(0, Tables.Count)];

    public static TheoryData<Wire.LearningRate> Rates =>
    [
        new Wire.LearningRate { Value = 0 },
        new Wire.LearningRate { Value = double.NaN },
        Of(new Wire.LearningRateSchedule
        {
            ExponentialDecay = new Wire.ExponentialDecay { InitialLearningRate = 1, DecaySteps = 2, DecayRate = 3, Staircase = true },
        }),
        Of(new Wire.LearningRateSchedule
        {
            InverseTimeDecay = new Wire.InverseTimeDecay { InitialLearningRate = 1, DecaySteps = 2, DecayRate = 3, Staircase = false },
        }),
        Of(new Wire.LearningRateSchedule
        {
            PiecewiseConstantDecay = new Wire.PiecewiseConstantDecay { Boundaries = { 1, 2.5 }, Values = { 3, 4, 5 } },
        }),
        Of(new Wire.LearningRateSchedule
        {
            PolynomialDecay = new Wire.PolynomialDecay
            {
                InitialLearningRate = 1, DecaySteps = 2, EndLearningRate = 0, Power = 0, Cycle = true,
            },
        }),
        Of(new Wire.LearningRateSchedule
        {
            CosineDecay = new Wire.CosineDecay { InitialLearningRate = 1, DecaySteps = 2, Alpha = 3, WarmupTarget = 4, WarmupSteps = 5 },
        }),
        Of(new Wire.LearningRateSchedule
        {
            CosineDecay = new Wire.CosineDecay { InitialLearningRate = 1, DecaySteps = 2, Alpha = 0, WarmupSteps = 0 },
        }),
        Of(new Wire.LearningRateSchedule
        {
            CosineDecayRestarts = new Wire.CosineDecayRestarts
            {
                InitialLearningRate = 1, FirstDecaySteps = 2, TMul = 0, MMul = 0, Alpha = 5,
            },
        }),
    ];

    [Theory]
    [MemberData(nameof(Rates))]
    public void Write_WhatWasRead_IsTheSame(Wire.LearningRate rate) => Assert.Equal(rate, LearningRateMapping.Write(Read(rate)));

    [Fact]
    public void Read_ArgumentsThatAreLeftOut_HaveKerasDefaults()
    {
        var polynomial = LearningRateMapping.Write(Read(Of(new Wire.LearningRateSchedule
        {
            PolynomialDecay = new Wire.PolynomialDecay { InitialLearningRate = 1, DecaySteps = 2 },
        }))).Schedule.PolynomialDecay;
        var restarts = LearningRateMapping.Write(Read(Of(new Wire.LearningRateSchedule
        {
            CosineDecayRestarts = new Wire.CosineDecayRestarts { InitialLearningRate = 1, FirstDecaySteps = 2 },
        }))).Schedule.CosineDecayRestarts;

        Assert.Equal((0.0001, 1.0, false), (polynomial.EndLearningRate, polynomial.Power, polynomial.Cycle));
        Assert.Equal((2.0, 1.0, 0.0), (restarts.TMul, restarts.MMul, restarts.Alpha));
    }

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Read_GoldenSchedule_GivesKerasBits(int index)
    {
        var table = Tables[index];

        var rate = Read(Of(WireSchedule.Of(table.Schedule)));

        for (var i = 0; i < table.Steps.Count; i++)
        {
            Bits.AssertSame(table.Rates[i], rate.At(table.Steps[i]), $"{table.Schedule.ClassName} at step {table.Steps[i]}");
        }
    }

    private static Wire.LearningRate Of(Wire.LearningRateSchedule schedule) => new() { Schedule = schedule };

    private static Engine.LearningRate Read(Wire.LearningRate rate)
    {
        var errors = new FieldErrors();
        var read = LearningRateMapping.Read(rate, "rate", errors);
        Assert.True(errors.IsEmpty);
        return read!;
    }
}
