namespace Adam.Engine.Patterns;

/// <summary>A pattern that can be searched for.</summary>
/// <param name="Instructions">The instructions; the last one is <see cref="PatternOperation.Found"/>.</param>
/// <param name="Sets">The sets of characters that they name.</param>
internal sealed record PatternProgram(PatternInstruction[] Instructions, CharacterSet[] Sets)
{
    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">It is none, or too long.</exception>
    /// <exception cref="NotSupportedException">It needs backtracking.</exception>
    public static PatternProgram Of(string pattern) => PatternCompiler.Compile(PatternParser.Parse(pattern));
}
