namespace Adam.Client.Internal;

/// <summary>Where a worker and its session stand, as last heard of.</summary>
internal sealed class WorkerStanding
{
    /// <summary>Begins with what the service says of a worker that opened a session.</summary>
    public WorkerStanding(SessionRef session, string workerId, V1.TrainOpened opened)
    {
        Reference = session with { Uid = opened.SessionUid.Memory, ExpectedGeneration = opened.Generation };
        WorkerId = workerId;
        Tensors = TensorMapping.FromWire(opened.Tensors);
        ClientCursor = opened.ClientCursor.Memory;
        LastResult = opened.LastResult is { } last ? StepMapping.FromWire(last) : null;
        NextSequence = opened.NextSequence;
        Take(opened);
    }

    public SessionRef Reference { get; }

    public string WorkerId { get; }

    public IReadOnlyList<TensorSpec> Tensors { get; }

    public ulong WorkerEpoch { get; private set; }

    public ulong MaxChunkBytes { get; private set; }

    /// <summary>How many batches may be under way, at least 1.</summary>
    public int Credits { get; private set; }

    public double LossScale { get; private set; }

    public ulong Version { get; private set; }

    public ulong DurableVersion { get; private set; }

    /// <summary>The version of the worker's last batch: of the same generation the service cannot be at an earlier one.</summary>
    public ulong AcknowledgedVersion { get; private set; }

    /// <summary>The number after the last batch whose number was used up, as far as results were received.</summary>
    public ulong NextSequence { get; private set; }

    public ReadOnlyMemory<byte> ClientCursor { get; private set; }

    public StepResult? LastResult { get; private set; }

    /// <summary>Takes up what a new stream says. Of batches, only their results say more.</summary>
    public void Take(V1.TrainOpened opened)
    {
        WorkerEpoch = opened.WorkerEpoch;
        MaxChunkBytes = opened.MaxChunkBytes;
        Credits = (int)Math.Clamp(opened.Credits, 1, int.MaxValue);
        LossScale = opened.LossScale;
        Version = opened.Version;
        DurableVersion = opened.DurableVersion;
    }

    /// <summary>
    /// Takes up what became of a batch. One whose number was not used up leaves the number, the last result and the cursor as they are.
    /// </summary>
    public void Take(PendingBatch batch, V1.BatchResult wire)
    {
        Version = Math.Max(Version, wire.Version);
        DurableVersion = wire.DurableVersion;
        LossScale = wire.Metrics?.LossScale ?? LossScale;
        if (IsConsumed(wire))
        {
            NextSequence = wire.Sequence + 1;
            AcknowledgedVersion = Math.Max(AcknowledgedVersion, wire.Version);
            LastResult = batch.Result;
            ClientCursor = batch.Options.ClientCursor.ToArray();
        }
    }

    /// <summary>Replaces the last result by the same one with what its reply brought.</summary>
    public void Complete(StepResult result)
    {
        if (LastResult?.Sequence == result.Sequence)
        {
            LastResult = result;
        }
    }

    /// <summary>Whether a batch has used up its number.</summary>
    public static bool IsConsumed(V1.BatchResult wire) => wire.Outcome is not (V1.BatchOutcome.Rejected or V1.BatchOutcome.StaleLossScale);
}
