using Adam.Service.Durability;
using Adam.Service.Sessions;

namespace Adam.Service.Recovery;

/// <summary>A session as it was when the service ended.</summary>
/// <param name="Session">The session.</param>
/// <param name="Sequence">The last record of the log whose effect is in it; 0 if there is none.</param>
/// <param name="Replayed">How many changes of the log were made again.</param>
/// <param name="Loaded">What it was before them; null if the log created it.</param>
internal sealed record RecoveredSession(SessionActor Session, ulong Sequence, long Replayed, RestoredSession? Loaded);
