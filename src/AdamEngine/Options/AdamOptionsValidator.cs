using System.Globalization;

namespace Adam.Engine;

/// <summary>
/// The checks of Keras's optimizer constructor with Keras's messages. What Keras accepts is accepted: negative rates, betas
/// above one, an epsilon of zero.
/// </summary>
public static class AdamOptionsValidator
{
    /// <summary>Checks a configuration.</summary>
    /// <param name="options">The configuration.</param>
    /// <returns>Every error, in the order of Keras's checks; empty when the configuration is fine.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public static IReadOnlyList<OptionError> Validate(AdamOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new List<OptionError>();
        CheckClass(options, errors);
        CheckAccumulation(options, errors);
        CheckAverage(options, errors);
        CheckClipping(options, errors);
        CheckName(options, errors);
        errors.AddRange(ValidateLearningRate(options.LearningRate));
        return errors;
    }

    internal static IEnumerable<OptionError> ValidateLearningRate(LearningRate? rate) => rate switch
    {
        null =>
        [
            new OptionError(
                "learning_rate",
                "Argument `learning_rate` should be float, or an instance of LearningRateSchedule, or a callable (that takes in the "
                + "current iteration value and returns the corresponding learning rate value). Received instead: learning_rate=None"),
        ],
        ScheduledLearningRate { Schedule: var schedule } =>
            schedule.Validate().Select(error => error with { Field = $"learning_rate.{error.Field}" }),
        _ => [],
    };

    private static void CheckClass(AdamOptions options, List<OptionError> errors)
    {
        if (!Enum.IsDefined(options.KerasClass))
        {
            errors.Add(new OptionError("class_name", $"There is no Keras class {(int)options.KerasClass}."));
        }

        if (options is { KerasClass: KerasClass.AdamW, WeightDecay: null })
        {
            errors.Add(new OptionError("weight_decay", "Argument `weight_decay` must be a float. Received: weight_decay=None"));
        }
    }

    private static void CheckAccumulation(AdamOptions options, List<OptionError> errors)
    {
        if (options.GradientAccumulationSteps is { } steps and not 0 and < 2)
        {
            errors.Add(new OptionError(
                "gradient_accumulation_steps",
                "`gradient_accumulation_steps` must be an integer >= 2. Received: gradient_accumulation_steps="
                + steps.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static void CheckAverage(AdamOptions options, List<OptionError> errors)
    {
        if (!options.UseEma)
        {
            return;
        }

        // NaN passes both comparisons, as it does in Keras.
        if (options.EmaMomentum is > 1 or < 0)
        {
            errors.Add(new OptionError(
                "ema_momentum",
                $"`ema_momentum` must be in the range [0, 1]. Received: ema_momentum={options.PythonTypes.Repr("ema_momentum", options.EmaMomentum)}"));
        }

        if (options.EmaOverwriteFrequency is { } frequency and < 0)
        {
            errors.Add(new OptionError(
                "ema_overwrite_frequency",
                "`ema_overwrite_frequency` must be an integer >= 1 or None. Received: ema_overwrite_frequency="
                + frequency.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static void CheckClipping(AdamOptions options, List<OptionError> errors)
    {
        (string Field, double? Value)[] limits =
        [
            ("clipnorm", options.ClipNorm),
            ("clipvalue", options.ClipValue),
            ("global_clipnorm", options.GlobalClipNorm),
        ];
        string[] present = [.. limits.Where(limit => limit.Value is not null).Select(limit => limit.Field)];
        if (present.Length > 1)
        {
            string received = string.Join(", ", limits.Select(limit => $"{limit.Field}={options.PythonTypes.Repr(limit.Field, limit.Value)}"));
            errors.Add(new OptionError(
                present[1],
                $"Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set. Received: {received}"));
        }
    }

    private static void CheckName(AdamOptions options, List<OptionError> errors)
    {
        if (options.Name is null || options.Name.Contains('/', StringComparison.Ordinal))
        {
            errors.Add(new OptionError(
                "name",
                $"Argument `name` must be a string and cannot contain character `/`. Received: name={options.Name ?? "None"}"));
        }
    }
}
