using Adam.Service.Errors;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>A change on its way into the log.</summary>
/// <param name="completed">
/// Called, from anywhere, when it is known whether it is there, unless that is known at once. It is told whether it may work there for some microseconds.
/// </param>
internal sealed class LogAppend(Action<bool> completed) : ILogWaiter
{
    private volatile bool _isCompleted;

    /// <summary>The number of its record, once it is there.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>Why it is not there; null if it is.</summary>
    public ServiceException? Refusal { get; private set; }

    /// <summary>Whether it is known whether it is there.</summary>
    public bool IsCompleted => _isCompleted;

    /// <summary>It is not there, which is known before the log was asked.</summary>
    public void Refuse(ServiceException refusal)
    {
        Refusal = refusal;
        _isCompleted = true;
    }

    /// <inheritdoc/>
    public void OnAppended(ulong lsn, bool isOneOfFew)
    {
        Sequence = lsn;
        _isCompleted = true;
        completed(isOneOfFew);
    }

    /// <inheritdoc/>
    public void OnRefused(Exception error)
    {
        Refuse(RefusalOf(error));
        completed(false);
    }

    /// <summary>What the caller is told whose change is not in the log.</summary>
    public static ServiceException RefusalOf(Exception error) => error switch
    {
        LogBusyException busy => new ServiceException(ErrorReason.StorageFull, $"{busy.Message} Nothing was changed; try again."),
        StorageFullException full => StorageRefusals.Full(full),
        StorageFailedException failed => StorageRefusals.Failed(failed),
        ObjectDisposedException => new ServiceException(ErrorReason.ShuttingDown, "The service is stopping; nothing was changed. Try again later."),
        _ => new ServiceException(ErrorReason.Unspecified, $"The change could not be logged: {error.Message}"),
    };
}
