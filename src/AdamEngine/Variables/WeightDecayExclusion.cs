using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Adam.Engine;

/// <summary>Keras <c>exclude_from_weight_decay(var_names=...)</c>: which variables the patterns exclude.</summary>
public static class WeightDecayExclusion
{
    private const string Field = "exclude_from_weight_decay.var_names";

    // Patterns come from users. This engine of .NET takes linear time, at the price of look-around and back-references.
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    // Linear in the length of pattern times name, which is still a lot for the longest of both times many variables.
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(2);

    /// <summary>Finds the variables whose name one of the patterns is found in.</summary>
    /// <param name="namePatterns">
    /// Regular expressions, joined by <c>|</c> into one and searched for in the last component of each path. So <c>dense</c> does
    /// not exclude <c>dense/kernel</c>. An empty list excludes nothing; an empty pattern excludes everything.
    /// </param>
    /// <param name="variables">The variables.</param>
    /// <returns>Indices of the excluded variables, ascending.</returns>
    /// <exception cref="AdamOptionsException">The joined pattern is not a supported regular expression, or takes seconds to match.</exception>
    public static IReadOnlyList<int> Resolve(IReadOnlyList<string> namePatterns, IReadOnlyList<VariableSpec> variables)
    {
        ArgumentNullException.ThrowIfNull(namePatterns);
        ArgumentNullException.ThrowIfNull(variables);
        if (namePatterns.Count == 0)
        {
            return [];
        }

        Regex pattern = Compile(namePatterns);
        var excluded = new List<int>();
        long start = Stopwatch.GetTimestamp();
        for (int index = 0; index < variables.Count; index++)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeMax)
            {
                throw TooSlow();
            }

            if (IsMatch(pattern, variables[index].Name))
            {
                excluded.Add(index);
            }
        }

        return excluded;
    }

    private static bool IsMatch(Regex pattern, string name)
    {
        try
        {
            return pattern.IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            throw TooSlow();
        }
    }

    private static AdamOptionsException TooSlow() => new(
        [new OptionError(Field, $"Matching the patterns takes longer than {TimeMax.TotalSeconds:0} s; use shorter or fewer ones.")]);

    private static Regex Compile(IReadOnlyList<string> namePatterns)
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

    private static Regex? TryCompile(string pattern, out string? reason)
    {
        try
        {
            reason = null;
            return new Regex(pattern, Options, TimeMax);
        }
        catch (ArgumentException malformed)
        {
            reason = malformed.Message;
        }
        catch (NotSupportedException)
        {
            reason = "Look-around, back-references, conditionals and atomic groups are not supported.";
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
