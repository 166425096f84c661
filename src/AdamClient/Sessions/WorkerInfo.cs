namespace Adam.Client;

/// <summary>What the service knows of a worker.</summary>
/// <param name="WorkerId">The worker's id.</param>
/// <param name="Epoch">Raised by every open with takeover.</param>
/// <param name="NextSequence">The number that its next batch must carry.</param>
/// <param name="IsConnected">True while a stream of this worker is open.</param>
public sealed record WorkerInfo(string WorkerId, ulong Epoch, ulong NextSequence, bool IsConnected);
