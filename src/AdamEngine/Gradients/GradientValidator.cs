using System.Collections.Immutable;

namespace Adam.Engine.Gradients;

/// <summary>
/// Checks a list of gradients as a whole before anything is changed. Stricter than Keras where Keras loses data silently: lists
/// cut to the shorter one, broadcast shapes, the same variable twice.
/// </summary>
internal static class GradientValidator
{
    /// <summary>Keras's words for a list in which every gradient is <c>None</c>.</summary>
    public const string NoGradients = "No gradients provided for any variable.";

    public static void ThrowIfMismatched(IReadOnlyList<Gradient> gradients, ImmutableArray<VariableSpec> variables)
    {
        if (gradients.Count == 0)
        {
            throw new GradientMismatchException([new GradientMismatch(-1, -1, NoGradients)]);
        }

        List<GradientMismatch>? mismatches = null;
        var positionOf = new Dictionary<int, int>(gradients.Count);
        for (int position = 0; position < gradients.Count; position++)
        {
            int index = gradients[position].VariableIndex;
            if (Check(gradients[position], position, variables, positionOf) is { } message)
            {
                (mismatches ??= []).Add(new GradientMismatch(position, index, message));
            }
        }

        if (mismatches is not null)
        {
            throw new GradientMismatchException(mismatches);
        }
    }

    private static string? Check(
        Gradient gradient, int position, ImmutableArray<VariableSpec> variables, Dictionary<int, int> positionOf)
    {
        int index = gradient.VariableIndex;
        if (index < 0 || index >= variables.Length)
        {
            return $"Gradient {position} is for variable {index}, but the optimizer has {variables.Length} variables.";
        }

        VariableSpec variable = variables[index];
        if (!positionOf.TryAdd(index, position))
        {
            return $"Gradient {position} is for variable {index} ('{variable.Path}'), and so is gradient {positionOf[index]}.";
        }

        return gradient.Values.Length == variable.ElementCount
            ? null
            : $"Gradient {position} has {gradient.Values.Length} elements, but variable {index} ('{variable.Path}', shape "
                + $"[{string.Join(", ", variable.Shape)}]) has {variable.ElementCount}.";
    }
}
