using Adam.Engine.Options;

namespace Adam.Engine;

/// <summary>Checks the settings of a whole optimizer: those of each group, and that they agree where they are one for all.</summary>
public static class OptimizerOptionsValidator
{
    /// <summary>Checks a configuration.</summary>
    /// <param name="options">The configuration.</param>
    /// <returns>Every error, with fields such as <c>groups[1].clipnorm</c>; empty when the configuration is fine.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public static IReadOnlyList<OptionError> Validate(OptimizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Groups.IsDefaultOrEmpty)
        {
            return [new OptionError("groups", "An optimizer needs at least one group.")];
        }

        var errors = new List<OptionError>();
        for (int i = 0; i < options.Groups.Length; i++)
        {
            if (options.Groups[i] is { } group)
            {
                errors.AddRange(AdamOptionsValidator.Validate(group).Select(error => error with { Field = $"groups[{i}].{error.Field}" }));
                CheckAgreement(options.Groups[0], group, i, errors);
            }
            else
            {
                errors.Add(new OptionError($"groups[{i}]", "A group is missing (null)."));
            }
        }

        CheckLossScale(options, errors);
        CheckNames(options, errors);
        return errors;
    }

    private static void CheckAgreement(AdamOptions? first, AdamOptions group, int index, List<OptionError> errors)
    {
        if (first is not null && first.AccumulationSteps != group.AccumulationSteps)
        {
            errors.Add(new OptionError(
                $"groups[{index}].gradient_accumulation_steps",
                $"The number of accumulation steps is one for all groups: groups[0] has {first.AccumulationSteps}, this one {group.AccumulationSteps}."));
        }

        if (first is not null && !Nullable.Equals(first.LossScaleFactor, group.LossScaleFactor))
        {
            errors.Add(new OptionError(
                $"groups[{index}].loss_scale_factor",
                $"The loss scale is one for all groups: groups[0] has {PythonRepr.Of(first.LossScaleFactor)}, this one "
                + $"{PythonRepr.Of(group.LossScaleFactor)}."));
        }
    }

    private static void CheckLossScale(OptimizerOptions options, List<OptionError> errors)
    {
        if (options.DynamicLossScale is not { } dynamic)
        {
            return;
        }

        if (options.Groups[0]?.LossScaleFactor is not null)
        {
            errors.Add(new OptionError(
                "loss_scale_factor",
                "A dynamic loss scale takes the place of `loss_scale_factor`; set one of them. (Keras drops the factor silently.)"));
        }

        if (options.NonFinitePolicy == NonFinitePolicy.Reject)
        {
            errors.Add(new OptionError(
                "non_finite_policy",
                "A dynamic loss scale finds its value by skipping steps that overflow; they cannot be rejected. Use PROPAGATE or SKIP."));
        }

        if (dynamic.Name is null || dynamic.Name.Contains('/', StringComparison.Ordinal))
        {
            errors.Add(new OptionError(
                "dynamic_loss_scale.name",
                $"Argument `name` must be a string and cannot contain character `/`. Received: name={dynamic.Name ?? "None"}"));
        }
    }

    private static void CheckNames(OptimizerOptions options, List<OptionError> errors)
    {
        if (!Enum.IsDefined(options.NonFinitePolicy))
        {
            errors.Add(new OptionError("non_finite_policy", $"There is no policy {(int)options.NonFinitePolicy}."));
        }

        if (!Enum.IsDefined(options.ClipScope))
        {
            errors.Add(new OptionError("clip_scope", $"There is no scope {(int)options.ClipScope}."));
        }
    }
}
