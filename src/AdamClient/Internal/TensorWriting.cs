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
            Check(write, info.Tensors);
        }

        return await tensors.WriteAsync(session with { Uid = info.Uid }, writes, options, info.MaxChunkBytes, cancellationToken);
    }

    private static void Check(TensorWrite write, IReadOnlyList<TensorSpec> tensors)
    {
        if (write.TensorIndex < 0 || write.TensorIndex >= tensors.Count)
        {
            throw new ArgumentException($"There is no tensor {write.TensorIndex}; the session has {tensors.Count}.", nameof(write));
        }

        var tensor = tensors[write.TensorIndex];
        if (write.Values.Length != tensor.ElementCount)
        {
            throw new ArgumentException(
                $"Tensor {write.TensorIndex} ('{tensor.Name}') has {tensor.ElementCount} elements and {write.Values.Length} values came.",
                nameof(write));
        }
    }
}
