using System.Numerics;

namespace Adam.Engine.Keras;

/// <summary>Builds what <c>keras.optimizers.serialize</c> gives, in the order of Keras's <c>get_config</c>.</summary>
internal static class OptimizerExport
{
    private const string Module = "keras.optimizers";

    /// <summary>Every reason why options have no Keras form; empty when they have one.</summary>
    public static List<OptionError> Obstacles(OptimizerOptions options)
    {
        var errors = new List<OptionError>(OptimizerOptionsValidator.Validate(options));
        if (errors.Count > 0)
        {
            return errors;
        }

        if (options.Groups.Length > 1)
        {
            errors.Add(new OptionError("groups", $"One Keras optimizer has one set of arguments; there are {options.Groups.Length} groups."));
        }

        if (options.NonFinitePolicy != NonFinitePolicy.Propagate)
        {
            errors.Add(new OptionError("non_finite_policy", "Keras has no policy for gradients that are not finite (PROPAGATE)."));
        }

        if (options.ClipScope != ClipScope.Group)
        {
            errors.Add(new OptionError("clip_scope", "Keras takes the global norm over the variables of one optimizer (GROUP)."));
        }

        for (int i = 0; i < options.Groups.Length; i++)
        {
            if (options.Groups[i].LearningRate is SuppliedLearningRate supplied && !IsJson(supplied.KerasCallable))
            {
                errors.Add(new OptionError(
                    $"groups[{i}].learning_rate",
                    "A rate that comes with every step is a Python callable in Keras, and there is none that could be written."));
            }
        }

        return errors;
    }

    /// <summary>The JSON of options without obstacles.</summary>
    public static string Write(OptimizerOptions options)
    {
        AdamOptions adam = options.Groups[0];
        PythonValue serialized = Object(Module, adam.KerasClass.ToString(), Adam(adam));
        if (options.DynamicLossScale is { } scale)
        {
            serialized = Object(
                Module,
                "LossScaleOptimizer",
                [
                    Member("name", Text(scale.Name)),
                    Member("inner_optimizer", serialized),
                    Number(scale.PythonTypes, "initial_scale", scale.InitialScale),
                    Member("dynamic_growth_steps", GrowthSteps(scale)),
                ]);
        }

        return PythonText.Json(serialized);
    }

    private static bool IsJson(string? text)
    {
        try
        {
            return text is not null && PythonJsonReader.Read(text) is PythonValue.Dict;
        }
        catch (PythonJsonException)
        {
            return false;
        }
    }

    private static List<KeyValuePair<string, PythonValue>> Adam(AdamOptions options)
    {
        PythonTypes types = options.PythonTypes;
        return
        [
            Member("name", Text(options.Name)),
            Member("learning_rate", Rate(options.LearningRate)),
            Number(types, "weight_decay", options.WeightDecay),
            Number(types, "clipnorm", options.ClipNorm),
            Number(types, "global_clipnorm", options.GlobalClipNorm),
            Number(types, "clipvalue", options.ClipValue),
            Flag("use_ema", options.UseEma),
            Number(types, "ema_momentum", options.EmaMomentum),
            Member("ema_overwrite_frequency", Integer(options.EmaOverwriteFrequency)),
            Number(types, "loss_scale_factor", options.LossScaleFactor),
            Member("gradient_accumulation_steps", Integer(options.GradientAccumulationSteps)),
            Number(types, "beta_1", options.Beta1),
            Number(types, "beta_2", options.Beta2),
            Number(types, "epsilon", options.Epsilon),
            Flag("amsgrad", options.AmsGrad),
        ];
    }

    private static PythonValue Rate(LearningRate rate) => rate switch
    {
        // Keras reads its float32 variable back.
        ConstantLearningRate constant => new PythonValue.Float((float)constant.Value),
        SuppliedLearningRate { KerasCallable: { } callable } => PythonJsonReader.Read(callable),
        ScheduledLearningRate { Schedule: var schedule } =>
            Object($"{Module}.schedules", schedule.GetType().Name, Schedule(schedule, schedule.PythonTypes)),
        _ => throw new InvalidOperationException($"There is no Keras form of {rate}."),
    };

    private static List<KeyValuePair<string, PythonValue>> Schedule(LearningRateSchedule schedule, PythonTypes types) => schedule switch
    {
        ExponentialDecay s => Decay(types, s.InitialLearningRate, s.DecaySteps, s.DecayRate, s.Staircase, s.Name),
        InverseTimeDecay s => Decay(types, s.InitialLearningRate, s.DecaySteps, s.DecayRate, s.Staircase, s.Name),
        PiecewiseConstantDecay s =>
        [
            Member("boundaries", List(types, "boundaries", s.Boundaries, isCount: true)),
            Member("values", List(types, "values", s.Values, isCount: false)),
            Member("name", Text(s.Name)),
        ],
        PolynomialDecay s =>
        [
            Number(types, "initial_learning_rate", s.InitialLearningRate),
            Number(types, "decay_steps", s.DecaySteps, isCount: true),
            Number(types, "end_learning_rate", s.EndLearningRate),
            Number(types, "power", s.Power),
            Flag("cycle", s.Cycle),
            Member("name", Text(s.Name)),
        ],
        CosineDecay s =>
        [
            Number(types, "initial_learning_rate", s.InitialLearningRate),
            Number(types, "decay_steps", s.DecaySteps, isCount: true),
            Number(types, "alpha", s.Alpha),
            Member("name", Text(s.Name)),
            Number(types, "warmup_target", s.WarmupTarget),
            Number(types, "warmup_steps", s.WarmupSteps, isCount: true),
        ],
        CosineDecayRestarts s =>
        [
            Number(types, "initial_learning_rate", s.InitialLearningRate),
            Number(types, "first_decay_steps", s.FirstDecaySteps, isCount: true),
            Number(types, "t_mul", s.TMul),
            Number(types, "m_mul", s.MMul),
            Number(types, "alpha", s.Alpha),
            Member("name", Text(s.Name)),
        ],
        _ => throw new InvalidOperationException($"There is no Keras form of {schedule}."),
    };

    private static List<KeyValuePair<string, PythonValue>> Decay(
        PythonTypes types, double initial, double steps, double rate, bool staircase, string name) =>
    [
        Number(types, "initial_learning_rate", initial),
        Number(types, "decay_steps", steps, isCount: true),
        Number(types, "decay_rate", rate),
        Flag("staircase", staircase),
        Member("name", Text(name)),
    ];

    private static PythonValue.Dict Object(string module, string className, List<KeyValuePair<string, PythonValue>> config) => new(
    [
        Member("module", Text(module)),
        Member("class_name", Text(className)),
        Member("config", new PythonValue.Dict(config)),
        Member("registered_name", PythonValue.None.Instance),
    ]);

    private static KeyValuePair<string, PythonValue> Member(string name, PythonValue value) => KeyValuePair.Create(name, value);

    private static KeyValuePair<string, PythonValue> Flag(string name, bool value) => Member(name, new PythonValue.Bool(value));

    private static KeyValuePair<string, PythonValue> Number(PythonTypes types, string name, double? value, bool isCount = false) =>
        Member(name, value is { } number ? NumberValue(types, name, number, isCount) : PythonValue.None.Instance);

    private static PythonValue NumberValue(PythonTypes types, string name, double value, bool isCount) =>
        types.IsInteger(name, value, isCount) ? new PythonValue.Int(new BigInteger(value)) : new PythonValue.Float(value);

    private static PythonValue.List List(PythonTypes types, string name, IEnumerable<double> values, bool isCount) =>
        new([.. values.Select((value, index) => NumberValue(types, $"{name}[{index}]", value, isCount))]);

    private static PythonValue GrowthSteps(DynamicLossScale scale) =>
        scale.PythonTypes.IsUnusual("dynamic_growth_steps") && PythonTypes.CanBeInteger(scale.GrowthSteps)
            ? new PythonValue.Float(scale.GrowthSteps)
            : new PythonValue.Int(scale.GrowthSteps);

    private static PythonValue Integer(int? value) => value is { } number ? new PythonValue.Int(number) : PythonValue.None.Instance;

    private static PythonValue.Str Text(string value) => new(value);
}
