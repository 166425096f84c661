using System.Collections.Immutable;
using Adam.Engine;
using Adam.Service.Errors;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary>Which tensors the groups' patterns leave out of weight decay. They are resolved once, when a session is created.</summary>
internal static class DecayExclusions
{
    // Patterns are matched in linear time, but compiling one takes time and memory by its length.
    private const int PatternsMax = 64;
    private const int PatternCharactersMax = 256;

    /// <summary>The patterns of each group, as they were given.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> PatternsOf(OptimizerConfig? optimizer, int groupCount) =>
    [
        .. Enumerable.Range(0, groupCount).Select(IReadOnlyList<string> (index) =>
            index < (optimizer?.Groups.Count ?? 0) ? optimizer!.Groups[index].ExcludeFromWeightDecay : []),
    ];

    /// <summary>Marks the tensors that the patterns of their group exclude.</summary>
    public static ImmutableArray<VariableSpec> Apply(
        IReadOnlyList<IReadOnlyList<string>> patterns, ImmutableArray<VariableSpec> tensors, FieldErrors errors)
    {
        var excluded = new HashSet<int>();
        for (var group = 0; group < patterns.Count; group++)
        {
            int[] members = [.. Enumerable.Range(0, tensors.Length).Where(index => tensors[index].Group == group)];
            var found = Resolve(patterns[group], [.. members.Select(index => tensors[index])], $"optimizer.groups[{group}]", errors);
            excluded.UnionWith(found.Select(position => members[position]));
        }

        return [.. tensors.Select((tensor, index) => excluded.Contains(index) ? tensor with { ExcludedFromWeightDecay = true } : tensor)];
    }

    private static IReadOnlyList<int> Resolve(
        IReadOnlyList<string> patterns, IReadOnlyList<VariableSpec> tensors, string group, FieldErrors errors)
    {
        var field = $"{group}.exclude_from_weight_decay";
        if (patterns.Count > PatternsMax || patterns.Any(pattern => pattern.Length > PatternCharactersMax))
        {
            errors.Add(field, $"expected at most {PatternsMax} patterns of at most {PatternCharactersMax} characters.");
            return [];
        }

        try
        {
            return WeightDecayExclusion.Resolve(patterns, tensors);
        }
        catch (AdamOptionsException invalid)
        {
            foreach (var error in invalid.Errors)
            {
                errors.Add(field, error.Message);
            }

            return [];
        }
    }
}
