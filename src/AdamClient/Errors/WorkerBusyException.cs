namespace Adam.Client;

/// <summary>The worker has a living stream. Open with <see cref="OpenOptions.Takeover"/> to end it.</summary>
public sealed class WorkerBusyException : AdamException
{
    internal WorkerBusyException(AdamError error)
        : base(error)
    {
    }
}
