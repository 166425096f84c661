namespace Adam.Engine.Patterns;

/// <summary>A condition on a place between characters.</summary>
internal enum PatternAnchor
{
    /// <summary><c>\A</c>, <c>^</c>: the beginning of the text.</summary>
    TextStart,

    /// <summary><c>\Z</c>: the end of the text.</summary>
    TextEnd,

    /// <summary><c>$</c>: the end of the text, or before a line feed that ends it.</summary>
    LastLineEnd,

    /// <summary><c>^</c> with flag m: the beginning of a line.</summary>
    LineStart,

    /// <summary><c>$</c> with flag m: the end of a line.</summary>
    LineEnd,

    /// <summary><c>\b</c>: between a character of a word and another one, or none.</summary>
    WordBoundary,

    /// <summary><c>\B</c>: anywhere else.</summary>
    NoWordBoundary,
}
