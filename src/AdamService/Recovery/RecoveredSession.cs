using Adam.Service.Sessions;

namespace Adam.Service.Recovery;

/// <summary>A session as it was when the service ended.</summary>
/// <param name="Session">The session.</param>
/// <param name="IsDeleted">Whether it was deleted since.</param>
/// <param name="Replayed">How many changes of the log were made again.</param>
internal sealed record RecoveredSession(SessionActor Session, bool IsDeleted, long Replayed);
