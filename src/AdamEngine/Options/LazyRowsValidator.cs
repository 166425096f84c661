namespace Adam.Engine;

/// <summary>Checks settings against variables with <see cref="RowUpdates.Lazy"/>.</summary>
public static class LazyRowsValidator
{
    /// <summary>Finds the settings that lazy rows do not go together with.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="variables">The variables.</param>
    /// <returns>Every error, with fields such as <c>groups[0].gradient_accumulation_steps</c>; empty when there is none.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IReadOnlyList<OptionError> Validate(OptimizerOptions options, IReadOnlyList<VariableSpec> variables)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(variables);
        if (options.Groups.IsDefaultOrEmpty || options.Groups[0] is not { AccumulationSteps: not 0 and var steps })
        {
            return [];
        }

        return variables.FirstOrDefault(variable => variable?.RowUpdates == RowUpdates.Lazy) is { } lazy
            ?
            [
                new OptionError(
                    "groups[0].gradient_accumulation_steps",
                    $"Gradients are accumulated over {steps} steps, but the variable '{lazy.Path}' has lazy rows, which are updated by the step that "
                    + "lists them. Send the rows of several small batches as one list, whose duplicates are added up, or use dense rows."),
            ]
            : [];
    }
}
