namespace Adam.Service.Recovery;

/// <summary>What a comparison of a session with its log gave.</summary>
/// <param name="SessionId">Its id; empty where it is not known.</param>
/// <param name="FromVersion">The version that it began with.</param>
/// <param name="ToVersion">The version that it came to.</param>
/// <param name="Replayed">How many changes were made again.</param>
/// <param name="Compared">How many steps were compared with what the log says of them.</param>
/// <param name="Difference">The first step that differs, or what stood in the way; empty if there is none.</param>
internal sealed record ComparedSession(string SessionId, ulong FromVersion, ulong ToVersion, long Replayed, long Compared, string Difference);
