using System.Collections.Immutable;

namespace Adam.Engine.Keras;

/// <summary>Reads a serialised <c>keras.optimizers.schedules</c> object.</summary>
internal static class ScheduleImport
{
    // A schedule of intervals is evaluated by going through all of them at every step.
    private const int BoundariesMax = 1000;

    private const string Supported =
        "ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay, CosineDecay, CosineDecayRestarts";

    /// <summary>Reads a schedule; null, with the reasons in <paramref name="errors"/>, if it is refused.</summary>
    public static LearningRateSchedule? Read(PythonValue value, KerasPath path, List<OptionError> errors)
    {
        int before = errors.Count;
        if (SerializedObject.Read(value, path, errors) is not { } serialized)
        {
            return null;
        }

        var arguments = new ArgumentReader(serialized.Config, path.Into("config"), errors);
        LearningRateSchedule? schedule = serialized.ClassName switch
        {
            "ExponentialDecay" => new ExponentialDecay(
                Rate(arguments, "initial_learning_rate"), Count(arguments, "decay_steps"), Rate(arguments, "decay_rate"),
                arguments.Flag("staircase"), Name(arguments, "ExponentialDecay")) { PythonTypes = arguments.Types },
            "InverseTimeDecay" => new InverseTimeDecay(
                Rate(arguments, "initial_learning_rate"), Count(arguments, "decay_steps"), Rate(arguments, "decay_rate"),
                arguments.Flag("staircase"), Name(arguments, "InverseTimeDecay")) { PythonTypes = arguments.Types },
            "PiecewiseConstantDecay" => new PiecewiseConstantDecay(
                Numbers(arguments, "boundaries", isCount: true), Numbers(arguments, "values", isCount: false),
                Name(arguments, "PiecewiseConstant")) { PythonTypes = arguments.Types },
            "PolynomialDecay" => new PolynomialDecay(
                Rate(arguments, "initial_learning_rate"), Count(arguments, "decay_steps"), Rate(arguments, "end_learning_rate", 0.0001),
                Rate(arguments, "power", 1.0), arguments.Flag("cycle"), Name(arguments, "PolynomialDecay")) { PythonTypes = arguments.Types },
            "CosineDecay" => new CosineDecay(
                Rate(arguments, "initial_learning_rate"), Count(arguments, "decay_steps"), Rate(arguments, "alpha", 0.0),
                Name(arguments, "CosineDecay"), OptionalRate(arguments, "warmup_target"), Count(arguments, "warmup_steps", 0))
                { PythonTypes = arguments.Types },
            "CosineDecayRestarts" => new CosineDecayRestarts(
                Rate(arguments, "initial_learning_rate"), Count(arguments, "first_decay_steps"), Rate(arguments, "t_mul", 2.0),
                Rate(arguments, "m_mul", 1.0), Rate(arguments, "alpha", 0.0), Name(arguments, "SGDRDecay")) { PythonTypes = arguments.Types },
            _ => null,
        };
        if (schedule is null)
        {
            errors.Add(new OptionError(
                path.Of("class_name"),
                $"There is no schedule {PythonText.Repr(new PythonValue.Str(serialized.ClassName))}; supported are {Supported}."));
            return null;
        }

        PythonValue.Dict rest = arguments.Rest();
        if (rest.Members.Count > 0)
        {
            arguments.Refuse(rest.Members[0].Key, $"Argument(s) not recognized: {PythonText.Repr(rest)}");
        }

        if (errors.Count == before)
        {
            errors.AddRange(schedule.Validate().Select(error => error with { Field = arguments.Path.Of(error.Field) }));
        }

        return errors.Count == before ? schedule : null;
    }

    private static double Rate(ArgumentReader arguments, string name, double? fallback = null) =>
        Number(arguments, name, arguments.Take(name), fallback, isCount: false);

    private static double Count(ArgumentReader arguments, string name, double? fallback = null) =>
        Number(arguments, name, arguments.Take(name), fallback, isCount: true);

    private static double? OptionalRate(ArgumentReader arguments, string name) =>
        arguments.Take(name) is { } value and not PythonValue.None ? Number(arguments, name, value, null, isCount: false) : null;

    private static double Number(ArgumentReader arguments, string name, PythonValue? value, double? fallback, bool isCount)
    {
        switch (value)
        {
            case null:
                if (fallback is null)
                {
                    arguments.Refuse(name, $"The required argument `{name}` is missing.");
                }

                return fallback ?? 1;
            case PythonValue.Bool:
                arguments.Refuse(
                    name,
                    $"A number is expected: a truth value would make Keras compute in truth values. Received: {name}={PythonText.Str(value)}");
                return 1;
            default:
                return arguments.Number(name, value, isCount) ?? 1;
        }
    }

    private static ImmutableArray<double> Numbers(ArgumentReader arguments, string name, bool isCount)
    {
        switch (arguments.Take(name))
        {
            case PythonValue.List { Items.Count: <= BoundariesMax + 1 } list:
                return [.. list.Items.Select((item, index) => Number(arguments, $"{name}[{index}]", item, null, isCount))];
            case PythonValue.List list:
                arguments.Refuse(name, $"At most {BoundariesMax} boundaries are supported. Received: a list of {list.Items.Count} {name}.");
                return [];
            case null:
                arguments.Refuse(name, $"The required argument `{name}` is missing.");
                return [];
            case var other:
                arguments.Refuse(name, $"A list of numbers is expected. Received: {name}={PythonText.Str(other)}");
                return [];
        }
    }

    /// <summary>Schedules have no automatic names: with None, Keras fails at the first step.</summary>
    private static string Name(ArgumentReader arguments, string fallback)
    {
        if (arguments.Take("name") is PythonValue.None)
        {
            arguments.Refuse("name", "Argument `name` must be a string and cannot contain character `/`. Received: name=None");
        }

        return arguments.Name(fallback);
    }
}
