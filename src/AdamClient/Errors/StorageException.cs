namespace Adam.Client;

/// <summary>
/// The service's disk stands in the way: <see cref="AdamException.Reason"/> is <see cref="AdamErrorReason.StorageFull"/> (try again when there is room),
/// <see cref="AdamErrorReason.StorageFailed"/> (somebody has to look at it) or <see cref="AdamErrorReason.StorageOff"/> (it keeps nothing on disk).
/// </summary>
public sealed class StorageException : AdamException
{
    internal StorageException(AdamError error)
        : base(error)
    {
    }
}
