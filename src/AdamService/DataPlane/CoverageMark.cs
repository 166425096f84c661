using System.Collections.Immutable;

namespace Adam.Service.DataPlane;

/// <summary>What a <see cref="Coverage"/> had at a time.</summary>
/// <param name="Runs">The runs [start, end) in order.</param>
/// <param name="Count">The elements in them.</param>
internal readonly record struct CoverageMark(ImmutableArray<(long Start, long End)> Runs, long Count);
