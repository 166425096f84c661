namespace Adam.Service.Sessions;

/// <summary>How often a service has started where its sessions are kept. 0 where none are.</summary>
internal sealed class StartCount
{
    private ulong _starts;

    /// <summary>The count, this start included. Set once, before there are sessions.</summary>
    public ulong Starts
    {
        get => Volatile.Read(ref _starts);
        set => Volatile.Write(ref _starts, value);
    }

    /// <summary>What the epochs of workers are above: a stream of an earlier start is never taken for one of this.</summary>
    public ulong EpochsAbove => Starts << 32;
}
