using Adam.Service.Errors;

namespace Adam.Service.Sessions;

/// <summary>A change on its way into the log.</summary>
internal sealed class LogAppend
{
    private volatile bool _isCompleted;

    /// <summary>The number of its record, once it is there.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>Why it is not there; null if it is.</summary>
    public ServiceException? Refusal { get; private set; }

    /// <summary>Whether it is known whether it is there.</summary>
    public bool IsCompleted => _isCompleted;

    /// <summary>It is there, durably.</summary>
    public void Complete(ulong sequence)
    {
        Sequence = sequence;
        _isCompleted = true;
    }

    /// <summary>It is not there, or not surely.</summary>
    public void Complete(ServiceException refusal)
    {
        Refusal = refusal;
        _isCompleted = true;
    }
}
