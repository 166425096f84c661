namespace Adam.Service.Durability;

/// <summary>What became of a session that was found on disk.</summary>
/// <param name="SessionId">Its id; empty where even that cannot be read.</param>
/// <param name="Findings">What is damaged, each with its place.</param>
internal abstract record LoadedSession(string SessionId, IReadOnlyList<string> Findings);
