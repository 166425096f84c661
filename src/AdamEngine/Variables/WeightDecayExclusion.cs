using Adam.Engine.Patterns;

namespace Adam.Engine;

/// <summary>Keras <c>exclude_from_weight_decay(var_names=...)</c>: which variables the patterns exclude.</summary>
public static class WeightDecayExclusion
{
    private const string Field = "exclude_from_weight_decay.var_names";

    // What a search of the longest patterns in many names may take: about a second.
    private const long StepsMax = 100_000_000;

    /// <summary>Finds the variables whose name one of the patterns is found in.</summary>
    /// <param name="namePatterns">
    /// Regular expressions of Python's <c>re</c>, joined by <c>|</c> into one and searched for in the last component of each path. So <c>dense</c> does
    /// not exclude <c>dense/kernel</c>. An empty list excludes nothing; an empty pattern excludes everything.
    /// </param>
    /// <param name="variables">The variables.</param>
    /// <returns>Indices of the excluded variables, ascending.</returns>
    /// <exception cref="AdamOptionsException">The joined pattern is not a supported regular expression, or takes too long to search for.</exception>
    public static IReadOnlyList<int> Resolve(IReadOnlyList<string> namePatterns, IReadOnlyList<VariableSpec> variables)
    {
        ArgumentNullException.ThrowIfNull(namePatterns);
        ArgumentNullException.ThrowIfNull(variables);
        if (namePatterns.Count == 0)
        {
            return [];
        }

        var search = new PatternSearch(Compile(namePatterns), StepsMax);
        try
        {
            return [.. Enumerable.Range(0, variables.Count).Where(index => search.IsFoundIn(variables[index].Name))];
        }
        catch (TimeoutException)
        {
            throw new AdamOptionsException(
                [new OptionError(Field, $"Searching for the patterns takes more than {StepsMax} steps; use shorter or fewer ones.")]);
        }
    }

    private static PatternProgram Compile(IReadOnlyList<string> namePatterns)
    {
        AdamOptionsException.ThrowIfAny(
        [
            .. Enumerable.Range(0, namePatterns.Count)
                .Where(index => namePatterns[index] is null)
                .Select(index => new OptionError($"{Field}[{index}]", "A pattern is missing (null).")),
        ]);
        string joined = string.Join('|', namePatterns);
        return TryCompile(joined, out string? reason) ?? throw new AdamOptionsException(Explain(namePatterns, joined, reason));
    }

    private static PatternProgram? TryCompile(string pattern, out string? reason)
    {
        try
        {
            reason = null;
            return PatternProgram.Of(pattern);
        }
        catch (Exception refused) when (refused is FormatException or NotSupportedException)
        {
            reason = refused.Message;
        }

        return null;
    }

    private static List<OptionError> Explain(IReadOnlyList<string> namePatterns, string joined, string? reason)
    {
        var errors = new List<OptionError>();
        for (int i = 0; i < namePatterns.Count; i++)
        {
            if (TryCompile(namePatterns[i], out string? own) is null)
            {
                errors.Add(new OptionError(
                    $"{Field}[{i}]",
                    $"The pattern '{namePatterns[i]}' is not a supported regular expression. {own}"));
            }
        }

        if (errors.Count == 0)
        {
            errors.Add(new OptionError(Field, $"The joined pattern '{joined}' is not a supported regular expression. {reason}"));
        }

        return errors;
    }
}
