using Adam.Service.Durability;
using Google.Protobuf;

namespace Adam.Service.Recovery;

/// <summary>What became of one session that was found on disk.</summary>
/// <param name="SessionId">Its id; empty where even that cannot be read.</param>
/// <param name="Uid">Its 16 bytes; empty where they are not known.</param>
/// <param name="Session">The session; null if it could not be made again, or was deleted.</param>
/// <param name="Finding">Why not, and where; empty otherwise.</param>
internal sealed record RecoveryOutcome(string SessionId, ByteString Uid, RecoveredSession? Session, string Finding)
{
    /// <summary>Whether it was deleted: what is left of it may go.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>A session whose files cannot be read.</summary>
    public static RecoveryOutcome Damaged(LoadedSession session) => new(session.SessionId, session.Uid, null, string.Join(" ", session.Findings));
}
