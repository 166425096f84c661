namespace Adam.Client;

/// <summary>The session after a write.</summary>
/// <param name="Version">Its version.</param>
/// <param name="State">Whether it can take steps now.</param>
public sealed record WriteResult(ulong Version, SessionState State);
