namespace Adam.Service.Storage.Log;

/// <summary>How the log is kept.</summary>
internal sealed record StepLogOptions
{
    /// <summary>
    /// How large a segment may get before the next one is begun: at least 4096. A larger record has a segment of its own. The default is 256 MiB.
    /// </summary>
    public long SegmentBytes { get; init; } = 256L << 20;

    /// <summary>
    /// How many bytes of heads and payloads may wait to be written; more than 0. One entry is always taken when nothing waits. The default is 4 GiB.
    /// </summary>
    public long QueueBytesMax { get; init; } = 4L << 30;

    /// <summary>How long a record that nobody waits for may wait for others to go with. The default is 5 ms.</summary>
    public TimeSpan LazyDelay { get; init; } = TimeSpan.FromMilliseconds(5);
}
