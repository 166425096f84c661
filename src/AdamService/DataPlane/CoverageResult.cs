namespace Adam.Service.DataPlane;

/// <summary>What became of a run that was added to a <see cref="Coverage"/>.</summary>
internal enum CoverageResult
{
    /// <summary>Its elements are covered now.</summary>
    Added,

    /// <summary>Some of its elements were covered already; nothing changed.</summary>
    Overlap,

    /// <summary>There are too many gaps already; nothing changed.</summary>
    TooScattered,
}
