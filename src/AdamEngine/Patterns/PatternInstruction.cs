namespace Adam.Engine.Patterns;

/// <summary>What an instruction of a program does.</summary>
internal enum PatternOperation
{
    /// <summary>Takes a character of set number X and goes on with the next instruction.</summary>
    Character,

    /// <summary>Goes on with the next instruction if anchor X holds here.</summary>
    Anchor,

    /// <summary>Goes on with the next instruction and with X.</summary>
    Fork,

    /// <summary>Goes on with X.</summary>
    Jump,

    /// <summary>The pattern is found.</summary>
    Found,
}

/// <summary>One instruction.</summary>
/// <param name="Operation">What it does.</param>
/// <param name="X">With what.</param>
internal readonly record struct PatternInstruction(PatternOperation Operation, int X);
