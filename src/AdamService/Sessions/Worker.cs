using Google.Protobuf;

namespace Adam.Service.Sessions;

/// <summary>What a session knows of one worker. Touched by the session's loop only.</summary>
internal sealed class Worker(string id)
{
    /// <summary>The worker's id.</summary>
    public string Id { get; } = id;

    /// <summary>The epoch of its last stream; 0 if it never had one.</summary>
    public ulong Epoch { get; set; }

    /// <summary>Who opened that stream; empty if nobody said.</summary>
    public ByteString Opener { get; set; } = ByteString.Empty;

    /// <summary>The highest epoch that it had when a batch was taken. It survives as the batch does, which <see cref="Epoch"/> does not.</summary>
    public ulong TrainedEpoch { get; set; }

    /// <summary>The highest epoch that is known of it.</summary>
    public ulong HighestEpoch => Math.Max(Epoch, TrainedEpoch);

    /// <summary>The sequence that its next batch must carry.</summary>
    public ulong NextSequence { get; set; } = 1;

    /// <summary>Its last results.</summary>
    public ResultHistory Results { get; } = new();

    /// <summary>What its last committed batch carried.</summary>
    public ByteString ClientCursor { get; set; } = ByteString.Empty;

    /// <summary>Its open stream, if there is one.</summary>
    public WorkerLease? Lease { get; set; }
}
