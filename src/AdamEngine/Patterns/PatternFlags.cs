namespace Adam.Engine.Patterns;

/// <summary>What Python's inline flags switch on.</summary>
[Flags]
internal enum PatternFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>i</c>: the case of letters is ignored.</summary>
    IgnoreCase = 1,

    /// <summary><c>m</c>: anchors know lines.</summary>
    MultiLine = 2,

    /// <summary><c>s</c>: the dot takes line feeds too.</summary>
    DotAll = 4,
}
