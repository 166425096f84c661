namespace Adam.Engine.Patterns;

/// <summary>What is said of patterns that Python has and this reader has not.</summary>
internal static class PatternSyntax
{
    /// <summary>The refusal of what cannot be searched in linear time.</summary>
    public static NotSupportedException NeedsBacktracking() => new(
        "Look-around, back-references, conditionals, atomic groups and possessive repeats are not supported.");
}
