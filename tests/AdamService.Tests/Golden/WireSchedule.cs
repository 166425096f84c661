using Adam.Golden;
using Adam.V1;

namespace Adam.Service.Tests.Golden;

/// <summary>Keras's schedules as messages. What the file leaves out is left out, so that the service's defaults are tested too.</summary>
internal static class WireSchedule
{
    public static LearningRateSchedule Of(GoldenSchedule schedule) => schedule.ClassName switch
    {
        "ExponentialDecay" => new LearningRateSchedule
        {
            ExponentialDecay = new ExponentialDecay
            {
                InitialLearningRate = schedule.Number("initial_learning_rate"),
                DecaySteps = schedule.Number("decay_steps"),
                DecayRate = schedule.Number("decay_rate"),
                Staircase = schedule.Flag("staircase"),
            },
        },
        "InverseTimeDecay" => new LearningRateSchedule
        {
            InverseTimeDecay = new InverseTimeDecay
            {
                InitialLearningRate = schedule.Number("initial_learning_rate"),
                DecaySteps = schedule.Number("decay_steps"),
                DecayRate = schedule.Number("decay_rate"),
                Staircase = schedule.Flag("staircase"),
            },
        },
        "PiecewiseConstantDecay" => new LearningRateSchedule
        {
            PiecewiseConstantDecay = new PiecewiseConstantDecay
            {
                Boundaries = { schedule.Numbers("boundaries") },
                Values = { schedule.Numbers("values") },
            },
        },
        "PolynomialDecay" => new LearningRateSchedule { PolynomialDecay = Polynomial(schedule) },
        "CosineDecay" => new LearningRateSchedule { CosineDecay = Cosine(schedule) },
        "CosineDecayRestarts" => new LearningRateSchedule { CosineDecayRestarts = Restarts(schedule) },
        _ => throw new NotSupportedException(schedule.ClassName),
    };

    private static PolynomialDecay Polynomial(GoldenSchedule schedule)
    {
        var wire = new PolynomialDecay
        {
            InitialLearningRate = schedule.Number("initial_learning_rate"),
            DecaySteps = schedule.Number("decay_steps"),
            Cycle = schedule.Flag("cycle"),
        };
        Set(schedule, "end_learning_rate", value => wire.EndLearningRate = value);
        Set(schedule, "power", value => wire.Power = value);
        return wire;
    }

    private static CosineDecay Cosine(GoldenSchedule schedule)
    {
        var wire = new CosineDecay
        {
            InitialLearningRate = schedule.Number("initial_learning_rate"),
            DecaySteps = schedule.Number("decay_steps"),
        };
        Set(schedule, "alpha", value => wire.Alpha = value);
        Set(schedule, "warmup_target", value => wire.WarmupTarget = value);
        Set(schedule, "warmup_steps", value => wire.WarmupSteps = value);
        return wire;
    }

    private static CosineDecayRestarts Restarts(GoldenSchedule schedule)
    {
        var wire = new CosineDecayRestarts
        {
            InitialLearningRate = schedule.Number("initial_learning_rate"),
            FirstDecaySteps = schedule.Number("first_decay_steps"),
        };
        Set(schedule, "t_mul", value => wire.TMul = value);
        Set(schedule, "m_mul", value => wire.MMul = value);
        Set(schedule, "alpha", value => wire.Alpha = value);
        return wire;
    }

    private static void Set(GoldenSchedule schedule, string name, Action<double> set)
    {
        if (schedule.OptionalNumber(name) is { } value)
        {
            set(value);
        }
    }
}
