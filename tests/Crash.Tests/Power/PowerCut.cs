using Adam.Crash.Tests.Recovered;
using Adam.Crash.Tests.Workload;

namespace Adam.Crash.Tests.Power;

/// <summary>A copy of the disk, and what had been acknowledged when it was made.</summary>
/// <param name="Copy">The file.</param>
/// <param name="Moment">What was being done.</param>
/// <param name="Sessions">What each client had been told before.</param>
/// <param name="Checkpoints">The checkpoints that had been saved before.</param>
internal sealed record PowerCut(string Copy, string Moment, IReadOnlyList<PowerCut.Told> Sessions, IReadOnlyList<PowerCut.Saved> Checkpoints)
{
    /// <summary>What was found of the sessions when it was read back, to be compared with an uninterrupted run.</summary>
    public Dictionary<string, SessionPicture> Found { get; } = [];

    /// <summary>What a client had been told.</summary>
    public sealed record Told(PlainClient Client, int Batches, ulong DurableVersion);

    /// <summary>A checkpoint that had been saved.</summary>
    public sealed record Saved(string SessionId, string Id, ulong Version);
}
