namespace Adam.Service.Threads;

/// <summary>What a piece of work in a <see cref="SerialQueue"/> may have to wait for.</summary>
internal interface IGate
{
    /// <summary>
    /// Asked in the queue's turn, on a thread that must not wait. Whoever says no calls <see cref="SerialQueue.Resume"/> when it
    /// may have become a yes.
    /// </summary>
    /// <returns>Whether the work may be done now.</returns>
    bool TryPass();
}
