using Adam.Service.Sessions;
using Adam.Storage.V1;

namespace Adam.Service.Durability;

/// <summary>A session that is back as its newest intact snapshot has it; findings speak of those that are not.</summary>
/// <param name="Session">The session, which nobody else knows yet.</param>
/// <param name="Snapshot">The snapshot that it was made from.</param>
/// <param name="Findings">What of newer snapshots is damaged.</param>
internal sealed record RestoredSession(SessionActor Session, SnapshotEntry Snapshot, IReadOnlyList<string> Findings)
    : LoadedSession(Session.Definition.SessionId, Session.Uid, Findings)
{
    /// <summary>Whether the service stopped in order after the snapshot: then nothing has come after it, in the log or elsewhere.</summary>
    public bool IsComplete { get; init; }
}
