using System.Collections.Immutable;
using Adam.Service.Errors;
using EngineRate = Adam.Engine.LearningRate;
using EngineSchedule = Adam.Engine.LearningRateSchedule;
using Wire = Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>Learning rates and schedules of the contract and of the engine.</summary>
internal static class LearningRateMapping
{
    // A schedule is repeated in every description of its session, which must fit into a message.
    private const int BoundariesMax = 1000;

    /// <summary>Reads a rate. A missing argument is noted in <paramref name="errors"/>, under Keras's name for it.</summary>
    /// <returns>Null if something was wrong, or if the rate was left out.</returns>
    public static EngineRate? Read(Wire.LearningRate? rate, string field, FieldErrors errors)
    {
        switch (rate?.SourceCase)
        {
            case null:
                return null;
            case Wire.LearningRate.SourceOneofCase.Value:
                return EngineRate.Constant(rate.Value);
            case Wire.LearningRate.SourceOneofCase.Schedule:
                return ReadSchedule(rate.Schedule, $"{field}.schedule", errors) is { } schedule ? EngineRate.Scheduled(schedule) : null;
            case Wire.LearningRate.SourceOneofCase.Supplied:
                return EngineRate.Supplied;
            default:
                errors.Add(field, "say where the rate comes from: value, schedule or supplied.");
                return null;
        }
    }

    /// <summary>Writes a rate.</summary>
    public static Wire.LearningRate Write(EngineRate rate) => rate switch
    {
        Engine.ConstantLearningRate constant => new Wire.LearningRate { Value = constant.Value },
        Engine.ScheduledLearningRate scheduled => new Wire.LearningRate { Schedule = WriteSchedule(scheduled.Schedule) },
        Engine.SuppliedLearningRate => new Wire.LearningRate { Supplied = new Wire.SuppliedLearningRate() },
        _ => throw new InvalidOperationException($"The contract has no learning rate of type {rate.GetType().Name}."),
    };

    private static EngineSchedule? ReadSchedule(Wire.LearningRateSchedule schedule, string field, FieldErrors errors)
    {
        // The ranges of the arguments are the engine's to check; here only presence is.
        switch (schedule.KindCase)
        {
            case Wire.LearningRateSchedule.KindOneofCase.ExponentialDecay:
                var exponential = schedule.ExponentialDecay;
                field += ".exponential_decay";
                return new Engine.ExponentialDecay(
                    Required(exponential.HasInitialLearningRate, exponential.InitialLearningRate, "initial_learning_rate"),
                    Required(exponential.HasDecaySteps, exponential.DecaySteps, "decay_steps"),
                    Required(exponential.HasDecayRate, exponential.DecayRate, "decay_rate"),
                    exponential.Staircase);
            case Wire.LearningRateSchedule.KindOneofCase.InverseTimeDecay:
                var inverse = schedule.InverseTimeDecay;
                field += ".inverse_time_decay";
                return new Engine.InverseTimeDecay(
                    Required(inverse.HasInitialLearningRate, inverse.InitialLearningRate, "initial_learning_rate"),
                    Required(inverse.HasDecaySteps, inverse.DecaySteps, "decay_steps"),
                    Required(inverse.HasDecayRate, inverse.DecayRate, "decay_rate"),
                    inverse.Staircase);
            case Wire.LearningRateSchedule.KindOneofCase.PiecewiseConstantDecay:
                var piecewise = schedule.PiecewiseConstantDecay;
                field += ".piecewise_constant_decay";
                if (piecewise.Boundaries.Count > BoundariesMax)
                {
                    errors.Add($"{field}.boundaries", $"expected at most {BoundariesMax}, received {piecewise.Boundaries.Count}.");
                    return null;
                }

                return new Engine.PiecewiseConstantDecay([.. piecewise.Boundaries], [.. piecewise.Values]);
            case Wire.LearningRateSchedule.KindOneofCase.PolynomialDecay:
                var polynomial = schedule.PolynomialDecay;
                field += ".polynomial_decay";
                return new Engine.PolynomialDecay(
                    Required(polynomial.HasInitialLearningRate, polynomial.InitialLearningRate, "initial_learning_rate"),
                    Required(polynomial.HasDecaySteps, polynomial.DecaySteps, "decay_steps"),
                    polynomial.HasEndLearningRate ? polynomial.EndLearningRate : 0.0001,
                    polynomial.HasPower ? polynomial.Power : 1,
                    polynomial.Cycle);
            case Wire.LearningRateSchedule.KindOneofCase.CosineDecay:
                var cosine = schedule.CosineDecay;
                field += ".cosine_decay";
                return new Engine.CosineDecay(
                    Required(cosine.HasInitialLearningRate, cosine.InitialLearningRate, "initial_learning_rate"),
                    Required(cosine.HasDecaySteps, cosine.DecaySteps, "decay_steps"),
                    cosine.Alpha,
                    WarmupTarget: cosine.HasWarmupTarget ? cosine.WarmupTarget : null,
                    WarmupSteps: cosine.WarmupSteps);
            case Wire.LearningRateSchedule.KindOneofCase.CosineDecayRestarts:
                var restarts = schedule.CosineDecayRestarts;
                field += ".cosine_decay_restarts";
                return new Engine.CosineDecayRestarts(
                    Required(restarts.HasInitialLearningRate, restarts.InitialLearningRate, "initial_learning_rate"),
                    Required(restarts.HasFirstDecaySteps, restarts.FirstDecaySteps, "first_decay_steps"),
                    restarts.HasTMul ? restarts.TMul : 2,
                    restarts.HasMMul ? restarts.MMul : 1,
                    restarts.Alpha);
            default:
                errors.Add(field, "say which schedule.");
                return null;
        }

        double Required(bool there, double value, string name)
        {
            if (!there)
            {
                errors.Add($"{field}.{name}", "is required.");
            }

            // A missing number is noted already; 1 keeps the schedule's own checks from noting it again.
            return there ? value : 1;
        }
    }

    private static Wire.LearningRateSchedule WriteSchedule(EngineSchedule schedule) => schedule switch
    {
        Engine.ExponentialDecay decay => new Wire.LearningRateSchedule
        {
            ExponentialDecay = new Wire.ExponentialDecay
            {
                InitialLearningRate = decay.InitialLearningRate,
                DecaySteps = decay.DecaySteps,
                DecayRate = decay.DecayRate,
                Staircase = decay.Staircase,
            },
        },
        Engine.InverseTimeDecay decay => new Wire.LearningRateSchedule
        {
            InverseTimeDecay = new Wire.InverseTimeDecay
            {
                InitialLearningRate = decay.InitialLearningRate,
                DecaySteps = decay.DecaySteps,
                DecayRate = decay.DecayRate,
                Staircase = decay.Staircase,
            },
        },
        Engine.PiecewiseConstantDecay decay => new Wire.LearningRateSchedule
        {
            PiecewiseConstantDecay = new Wire.PiecewiseConstantDecay { Boundaries = { decay.Boundaries }, Values = { decay.Values } },
        },
        Engine.PolynomialDecay decay => new Wire.LearningRateSchedule
        {
            PolynomialDecay = new Wire.PolynomialDecay
            {
                InitialLearningRate = decay.InitialLearningRate,
                DecaySteps = decay.DecaySteps,
                EndLearningRate = decay.EndLearningRate,
                Power = decay.Power,
                Cycle = decay.Cycle,
            },
        },
        Engine.CosineDecay decay => new Wire.LearningRateSchedule { CosineDecay = WriteCosine(decay) },
        Engine.CosineDecayRestarts decay => new Wire.LearningRateSchedule
        {
            CosineDecayRestarts = new Wire.CosineDecayRestarts
            {
                InitialLearningRate = decay.InitialLearningRate,
                FirstDecaySteps = decay.FirstDecaySteps,
                TMul = decay.TMul,
                MMul = decay.MMul,
                Alpha = decay.Alpha,
            },
        },
        _ => throw new InvalidOperationException($"The contract has no schedule of type {schedule.GetType().Name}."),
    };

    private static Wire.CosineDecay WriteCosine(Engine.CosineDecay decay)
    {
        var cosine = new Wire.CosineDecay
        {
            InitialLearningRate = decay.InitialLearningRate,
            DecaySteps = decay.DecaySteps,
            Alpha = decay.Alpha,
            WarmupSteps = decay.WarmupSteps,
        };
        if (decay.WarmupTarget is { } target)
        {
            cosine.WarmupTarget = target;
        }

        return cosine;
    }
}
