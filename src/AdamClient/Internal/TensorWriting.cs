namespace Adam.Client.Internal;

/// <summary>Writes tensors of a session that is known by its reference only.</summary>
internal sealed class TensorWriting(SessionsApi sessions, TensorsApi tensors)
{
    public async Task<WriteResult> RunAsync(
        SessionRef session,
        IReadOnlyList<TensorWrite> writes,
        WriteOptions options,
        CancellationToken cancellationToken)
    {
        // The session says how large chunks may be, and what fits; its random bytes make sure that it is the one that is written.
        var info = await sessions.GetAsync(session, cancellationToken);
        foreach (var write in writes)
        {
            TensorFit.Check(write.Values, write.TensorIndex, SlotLayout.Of(TensorFit.Find(write.TensorIndex, info.Tensors), write.Slot), $"{write.Slot}");
        }

        foreach (var group in options.GroupIterations.Keys)
        {
            if (group < 0 || group >= info.Groups.Count)
            {
                throw new ArgumentException($"There is no group {group}; the session has {info.Groups.Count}.", nameof(options));
            }
        }

        return await tensors.WriteAsync(session with { Uid = info.Uid }, writes, options, info.MaxChunkBytes, cancellationToken);
    }
}
