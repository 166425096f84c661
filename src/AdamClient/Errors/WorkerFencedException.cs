namespace Adam.Client;

/// <summary>Another stream has taken this worker over: this one must not go on.</summary>
public sealed class WorkerFencedException : AdamException
{
    internal WorkerFencedException(AdamError error)
        : base(error)
    {
        WorkerEpoch = error.Number("worker_epoch");
    }

    /// <summary>The present epoch of the worker, if the service named it.</summary>
    public ulong? WorkerEpoch { get; }
}
