namespace Adam.Engine.Keras;

/// <summary>Reads a serialised optimizer: Adam, AdamW, or a LossScaleOptimizer around one of them.</summary>
internal static class OptimizerImport
{
    private const string Supported = "supported are Adam, AdamW, and LossScaleOptimizer around one of them";

    /// <summary>Arguments that an old LossScaleOptimizer wrote though they did nothing; only these values are let through.</summary>
    private static readonly (string Name, PythonValue Default)[] Inert =
    [
        ("weight_decay", PythonValue.None.Instance),
        ("clipnorm", PythonValue.None.Instance),
        ("global_clipnorm", PythonValue.None.Instance),
        ("clipvalue", PythonValue.None.Instance),
        ("use_ema", new PythonValue.Bool(false)),
        ("ema_momentum", new PythonValue.Float(0.99)),
        ("ema_overwrite_frequency", PythonValue.None.Instance),
        ("loss_scale_factor", PythonValue.None.Instance),
        ("gradient_accumulation_steps", PythonValue.None.Instance),
    ];

    /// <summary>Reads the optimizer; when it is refused, the reasons are in <paramref name="errors"/>.</summary>
    public static OptimizerOptions Read(PythonValue value, List<OptionError> errors)
    {
        // Keras's `optimizers.get` takes a bare class name for its defaults.
        PythonValue named = value is PythonValue.Str name ? new PythonValue.Dict([KeyValuePair.Create("class_name", (PythonValue)name)]) : value;
        if (named is not PythonValue.Dict)
        {
            errors.Add(new OptionError("", $"Could not interpret optimizer identifier: {PythonText.Str(value)}"));
            return new OptimizerOptions();
        }

        if (SerializedObject.Read(named, KerasPath.Root, errors) is not { } serialized)
        {
            return new OptimizerOptions();
        }

        if (IsClass(serialized, "LossScaleOptimizer"))
        {
            return ReadLossScale(serialized.Config, KerasPath.Root.Into("config"), errors);
        }

        return OptimizerOptions.Of(ReadAdam(serialized, KerasPath.Root, errors));
    }

    private static bool IsClass(SerializedObject serialized, string name) =>
        string.Equals(serialized.ClassName, name, StringComparison.OrdinalIgnoreCase);

    private static AdamOptions ReadAdam(SerializedObject serialized, KerasPath path, List<OptionError> errors)
    {
        foreach (KerasClass kerasClass in Enum.GetValues<KerasClass>())
        {
            if (IsClass(serialized, kerasClass.ToString()))
            {
                return AdamImport.Read(kerasClass, serialized.Config, path.Into("config"), errors);
            }
        }

        errors.Add(new OptionError(
            path.Of("class_name"),
            $"Could not interpret optimizer identifier: {PythonText.Str(new PythonValue.Str(serialized.ClassName))} ({Supported})"));
        return new AdamOptions();
    }

    private static OptimizerOptions ReadLossScale(PythonValue.Dict config, KerasPath path, List<OptionError> errors)
    {
        var arguments = new ArgumentReader(config, path, errors);
        CheckInert(arguments);
        AdamOptions inner = ReadInner(arguments);
        double scale = arguments.Number("initial_scale", 32768.0);
        long growthSteps = ReadGrowthSteps(arguments);
        string name = arguments.Name("loss_scale_optimizer");
        string[] unknown = [.. arguments.Rest().Members.Select(member => member.Key)];
        if (unknown.Length > 0)
        {
            string list = PythonText.Str(new PythonValue.Str(string.Join("`, `", unknown)));
            arguments.Refuse(unknown[0], $"LossScaleOptimizer does not support arguments: `{list}`.");
        }

        return new OptimizerOptions
        {
            // Keras drops the factor silently: gradients must not be divided twice.
            Groups = [inner with { LossScaleFactor = null, PythonTypes = Without(inner.PythonTypes, "loss_scale_factor") }],
            DynamicLossScale = new DynamicLossScale(scale, growthSteps, name) { PythonTypes = arguments.Types },
        };
    }

    private static PythonTypes Without(PythonTypes types, string argument) =>
        PythonTypes.WithUnusual(types.Unusual.Where(name => name != argument));

    private static void CheckInert(ArgumentReader arguments)
    {
        if (arguments.Take("dynamic") is { } dynamic && !IsTrue(dynamic))
        {
            arguments.Refuse(
                "dynamic",
                "LossScaleOptimizer no longer supports `dynamic=False`. Instead, simply set `loss_scale_factor` directly on the "
                + "`inner_optimizer`.");
        }

        foreach ((string name, PythonValue inert) in Inert)
        {
            if (arguments.Take(name) is { } value && !IsEqual(value, inert))
            {
                arguments.Refuse(name, $"LossScaleOptimizer does not support `{name}`. Instead, set `{name}` on the `inner_optimizer`.");
            }
        }
    }

    private static bool IsTrue(PythonValue value) => value switch
    {
        PythonValue.None => false,
        PythonValue.Bool flag => flag.Value,
        PythonValue.Int number => !number.Value.IsZero,
        PythonValue.Float number => number.Value != 0,
        PythonValue.Str text => text.Value.Length > 0,
        PythonValue.List list => list.Items.Count > 0,
        PythonValue.Dict dict => dict.Members.Count > 0,
        _ => true,
    };

    private static bool IsEqual(PythonValue value, PythonValue inert) =>
        value == inert || (inert is PythonValue.Bool && value is PythonValue.Int { Value.IsZero: true } or PythonValue.Float { Value: 0 });

    private static AdamOptions ReadInner(ArgumentReader arguments)
    {
        const string name = "inner_optimizer";
        KerasPath path = arguments.Path.Into(name);
        if (arguments.Take(name) is not { } value)
        {
            arguments.Refuse(name, $"LossScaleOptimizer needs an `{name}`.");
        }
        else if (SerializedObject.Read(value, path, arguments.Errors) is { } serialized)
        {
            return ReadAdam(serialized, path, arguments.Errors);
        }

        return new AdamOptions();
    }

    /// <summary>Keras compares its counter with this number minus one, which a fraction never equals.</summary>
    private static long ReadGrowthSteps(ArgumentReader arguments)
    {
        const string name = "dynamic_growth_steps";
        const long fallback = 2000;
        PythonValue value = arguments.Take(name) ?? new PythonValue.Int(fallback);
        if (arguments.Number(name, value, isCount: true) is not { } steps)
        {
            return fallback;
        }

        if (!PythonTypes.CanBeInteger(steps))
        {
            arguments.Refuse(name, $"A whole number of steps is expected; with another Keras never raises the scale. Received: {name}={PythonText.Str(value)}");
            return fallback;
        }

        return (long)steps;
    }
}
