namespace Adam.Service.Sessions;

/// <summary>The bounds of a session that are in force: its own where it set any, the service's elsewhere.</summary>
/// <param name="WorkersMax">Workers that may ever train it.</param>
/// <param name="QueuedMax">Calls and batches that wait for it before callers are held back.</param>
/// <param name="IdleMax">How long it may rest before it is ended; null for ever.</param>
internal sealed record SessionBounds(int WorkersMax, int QueuedMax, TimeSpan? IdleMax)
{
    /// <summary>Whether <see cref="WorkersMax"/> is the session's own, so that no option of the service raises it.</summary>
    public bool HasOwnWorkersMax { get; init; }
}
