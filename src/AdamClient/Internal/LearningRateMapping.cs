namespace Adam.Client.Internal;

/// <summary>Learning rates and schedules, to the wire and back.</summary>
internal static class LearningRateMapping
{
    public static V1.LearningRate ToWire(LearningRate rate) => rate switch
    {
        ConstantLearningRate constant => new V1.LearningRate { Value = constant.Value },
        LearningRateSchedule schedule => new V1.LearningRate { Schedule = ToWire(schedule) },
        SuppliedLearningRate => new V1.LearningRate { Supplied = new V1.SuppliedLearningRate() },
        _ => throw new ArgumentOutOfRangeException(nameof(rate), rate, "Not a learning rate of this SDK."),
    };

    /// <returns>Null if the rate is of a kind that this version of the SDK does not know.</returns>
    public static LearningRate? FromWire(V1.LearningRate? rate) => rate?.SourceCase switch
    {
        V1.LearningRate.SourceOneofCase.Value => new ConstantLearningRate(rate.Value),
        V1.LearningRate.SourceOneofCase.Schedule => FromWire(rate.Schedule),
        V1.LearningRate.SourceOneofCase.Supplied => new SuppliedLearningRate(),
        _ => null,
    };

    private static V1.LearningRateSchedule ToWire(LearningRateSchedule schedule) => schedule switch
    {
        ExponentialDecay decay => new V1.LearningRateSchedule
        {
            ExponentialDecay = new V1.ExponentialDecay
            {
                InitialLearningRate = decay.InitialLearningRate,
                DecaySteps = decay.DecaySteps,
                DecayRate = decay.DecayRate,
                Staircase = decay.Staircase,
            },
        },
        InverseTimeDecay decay => new V1.LearningRateSchedule
        {
            InverseTimeDecay = new V1.InverseTimeDecay
            {
                InitialLearningRate = decay.InitialLearningRate,
                DecaySteps = decay.DecaySteps,
                DecayRate = decay.DecayRate,
                Staircase = decay.Staircase,
            },
        },
        PiecewiseConstantDecay decay => new V1.LearningRateSchedule
        {
            PiecewiseConstantDecay = new V1.PiecewiseConstantDecay
            {
                Boundaries = { decay.Boundaries.AsSpan().ToArray() },
                Values = { decay.Values.AsSpan().ToArray() },
            },
        },
        PolynomialDecay decay => new V1.LearningRateSchedule { PolynomialDecay = ToWire(decay) },
        CosineDecay decay => new V1.LearningRateSchedule { CosineDecay = ToWire(decay) },
        CosineDecayRestarts decay => new V1.LearningRateSchedule { CosineDecayRestarts = ToWire(decay) },
        _ => throw new ArgumentOutOfRangeException(nameof(schedule), schedule, "Not a schedule of this SDK."),
    };

    private static V1.PolynomialDecay ToWire(PolynomialDecay decay)
    {
        var wire = new V1.PolynomialDecay
        {
            InitialLearningRate = decay.InitialLearningRate,
            DecaySteps = decay.DecaySteps,
            Cycle = decay.Cycle,
        };
        Given.Set(decay.EndLearningRate, value => wire.EndLearningRate = value);
        Given.Set(decay.Power, value => wire.Power = value);
        return wire;
    }

    private static V1.CosineDecay ToWire(CosineDecay decay)
    {
        var wire = new V1.CosineDecay { InitialLearningRate = decay.InitialLearningRate, DecaySteps = decay.DecaySteps };
        Given.Set(decay.Alpha, value => wire.Alpha = value);
        Given.Set(decay.WarmupTarget, value => wire.WarmupTarget = value);
        Given.Set(decay.WarmupSteps, value => wire.WarmupSteps = value);
        return wire;
    }

    private static V1.CosineDecayRestarts ToWire(CosineDecayRestarts decay)
    {
        var wire = new V1.CosineDecayRestarts
        {
            InitialLearningRate = decay.InitialLearningRate,
            FirstDecaySteps = decay.FirstDecaySteps,
        };
        Given.Set(decay.TMul, value => wire.TMul = value);
        Given.Set(decay.MMul, value => wire.MMul = value);
        Given.Set(decay.Alpha, value => wire.Alpha = value);
        return wire;
    }

    private static LearningRateSchedule? FromWire(V1.LearningRateSchedule schedule) => schedule.KindCase switch
    {
        V1.LearningRateSchedule.KindOneofCase.ExponentialDecay => FromWire(schedule.ExponentialDecay),
        V1.LearningRateSchedule.KindOneofCase.InverseTimeDecay => FromWire(schedule.InverseTimeDecay),
        V1.LearningRateSchedule.KindOneofCase.PiecewiseConstantDecay => FromWire(schedule.PiecewiseConstantDecay),
        V1.LearningRateSchedule.KindOneofCase.PolynomialDecay => FromWire(schedule.PolynomialDecay),
        V1.LearningRateSchedule.KindOneofCase.CosineDecay => FromWire(schedule.CosineDecay),
        V1.LearningRateSchedule.KindOneofCase.CosineDecayRestarts => FromWire(schedule.CosineDecayRestarts),
        _ => null,
    };

    private static ExponentialDecay FromWire(V1.ExponentialDecay wire) =>
        new(wire.InitialLearningRate, wire.DecaySteps, wire.DecayRate, wire.Staircase);

    private static InverseTimeDecay FromWire(V1.InverseTimeDecay wire) =>
        new(wire.InitialLearningRate, wire.DecaySteps, wire.DecayRate, wire.Staircase);

    private static PiecewiseConstantDecay FromWire(V1.PiecewiseConstantDecay wire) => new([.. wire.Boundaries], [.. wire.Values]);

    private static PolynomialDecay FromWire(V1.PolynomialDecay wire) => new(
        wire.InitialLearningRate,
        wire.DecaySteps,
        wire.HasEndLearningRate ? wire.EndLearningRate : null,
        wire.HasPower ? wire.Power : null,
        wire.Cycle);

    private static CosineDecay FromWire(V1.CosineDecay wire) => new(
        wire.InitialLearningRate,
        wire.DecaySteps,
        wire.HasAlpha ? wire.Alpha : null,
        wire.HasWarmupTarget ? wire.WarmupTarget : null,
        wire.HasWarmupSteps ? wire.WarmupSteps : null);

    private static CosineDecayRestarts FromWire(V1.CosineDecayRestarts wire) => new(
        wire.InitialLearningRate,
        wire.FirstDecaySteps,
        wire.HasTMul ? wire.TMul : null,
        wire.HasMMul ? wire.MMul : null,
        wire.HasAlpha ? wire.Alpha : null);
}
