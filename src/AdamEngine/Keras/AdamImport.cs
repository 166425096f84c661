using System.Numerics;

namespace Adam.Engine.Keras;

/// <summary>Reads the constructor arguments of Adam and AdamW.</summary>
internal static class AdamImport
{
    /// <summary>Reads the arguments; refused ones are in <paramref name="errors"/>.</summary>
    public static AdamOptions Read(KerasClass kerasClass, PythonValue.Dict config, KerasPath path, List<OptionError> errors)
    {
        var arguments = new ArgumentReader(config, path, errors);
        bool isAdamW = kerasClass == KerasClass.AdamW;
        arguments.Take("decay");
        var options = new AdamOptions
        {
            KerasClass = kerasClass,
            LearningRate = ReadLearningRate(arguments),
            Beta1 = arguments.Number("beta_1", 0.9),
            Beta2 = arguments.Number("beta_2", 0.999),
            Epsilon = arguments.Number("epsilon", 1e-7),
            AmsGrad = arguments.Flag("amsgrad"),
            WeightDecay = arguments.OptionalNumber("weight_decay", isAdamW ? 0.004 : null),
            ClipNorm = arguments.OptionalNumber("clipnorm"),
            ClipValue = arguments.OptionalNumber("clipvalue"),
            GlobalClipNorm = arguments.OptionalNumber("global_clipnorm"),
            UseEma = arguments.Flag("use_ema"),
            EmaMomentum = arguments.Number("ema_momentum", 0.99),
            LossScaleFactor = arguments.OptionalNumber("loss_scale_factor"),
            GradientAccumulationSteps = ReadAccumulation(arguments),
            Name = arguments.Name(isAdamW ? "adam_w" : "adam"),
        };
        options = options with { EmaOverwriteFrequency = ReadOverwriteFrequency(arguments, options.UseEma), PythonTypes = arguments.Types };

        PythonValue.Dict rest = arguments.Rest();
        if (rest.Members.Count > 0)
        {
            arguments.Refuse(rest.Members[0].Key, $"Argument(s) not recognized: {PythonText.Repr(rest)}");
        }

        HashSet<string> refused = [.. errors.Select(error => error.Field)];
        errors.AddRange(AdamOptionsValidator.Validate(options)
            .Select(error => error with { Field = path.Of(error.Field) })
            .Where(error => refused.Add(error.Field)));
        return options;
    }

    private static LearningRate ReadLearningRate(ArgumentReader arguments)
    {
        const string name = "learning_rate";
        LearningRate fallback = LearningRate.Constant(0.001);
        switch (arguments.Take(name))
        {
            case null:
                return fallback;
            case PythonValue.Float number:
                return LearningRate.Constant(number.Value);
            case PythonValue.Dict function when IsCallable(function):
                return new SuppliedLearningRate { KerasCallable = PythonText.Json(function) };
            case PythonValue.Dict schedule:
                return ScheduleImport.Read(schedule, arguments.Path.Into(name), arguments.Errors) is { } read
                    ? LearningRate.Scheduled(read)
                    : fallback;
            case var other:
                arguments.Refuse(
                    name,
                    "Argument `learning_rate` should be float, or an instance of LearningRateSchedule, or a callable (that takes in the "
                    + "current iteration value and returns the corresponding learning rate value). "
                    + $"Received instead: learning_rate={PythonText.Str(other)}");
                return fallback;
        }
    }

    /// <summary>Keras writes a function, a lambda, or (in recordings) a placeholder where the rate is a Python callable.</summary>
    private static bool IsCallable(PythonValue.Dict value) =>
        value["class_name"] is PythonValue.Str { Value: "function" or "__lambda__" or "__callable__" };

    private static int? ReadAccumulation(ArgumentReader arguments)
    {
        const string name = "gradient_accumulation_steps";
        PythonValue value = arguments.Take(name) ?? PythonValue.None.Instance;
        string received = $"Received: {name}={PythonText.Str(value)}";
        switch (value)
        {
            case PythonValue.None:
                return null;
            case PythonValue.Bool { Value: false } or PythonValue.Float { Value: 0 }:
                return 0;
            case PythonValue.Int number when number.Value.IsZero || (number.Value >= 2 && number.Value <= int.MaxValue):
                return (int)number.Value;
            case PythonValue.Float { Value: >= 2 }:
                arguments.Refuse(
                    name,
                    $"A number of steps must be an integer here. Keras accepts a float and then counts in floats; write 2 instead of 2.0. {received}");
                return null;
            case PythonValue.Int { Value: var steps } when steps > int.MaxValue:
                arguments.Refuse(name, $"`{name}` must be at most {int.MaxValue}. {received}");
                return null;
            case PythonValue.Int or PythonValue.Bool or PythonValue.Float:
                arguments.Refuse(name, $"`{name}` must be an integer >= 2. {received}");
                return null;
            default:
                arguments.Refuse(name, $"An integer or null is expected. {received}");
                return null;
        }
    }

    /// <summary>Without <c>use_ema</c> Keras does not look at it, but it has to be a number that can be kept.</summary>
    private static int? ReadOverwriteFrequency(ArgumentReader arguments, bool useEma)
    {
        const string name = "ema_overwrite_frequency";
        PythonValue value = arguments.Take(name) ?? PythonValue.None.Instance;
        string received = $"Received: {name}={PythonText.Str(value)}";
        switch (value)
        {
            case PythonValue.None:
                return null;
            case PythonValue.Bool flag:
                return flag.Value ? 1 : 0;
            case PythonValue.Float { Value: 0 }:
                return 0;
            case PythonValue.Int number when BigInteger.Abs(number.Value) <= int.MaxValue && !(useEma && number.Value.Sign < 0):
                return (int)number.Value;
            case PythonValue.Int { Value.Sign: > 0 }:
                arguments.Refuse(name, $"`{name}` must be at most {int.MaxValue}. {received}");
                return null;
            default:
                arguments.Refuse(name, $"`{name}` must be an integer >= 1 or None. {received}");
                return null;
        }
    }
}
