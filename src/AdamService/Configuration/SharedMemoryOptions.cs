namespace Adam.Service.Configuration;

/// <summary>Memory that the service shares with trainers on the same host (<c>docs/shared-memory.md</c>). Section <c>SharedMemory</c>.</summary>
internal sealed class SharedMemoryOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "SharedMemory";

    /// <summary>
    /// Whether it is offered. Only on Linux, and only where gRPC is served on loopback or Unix domain sockets alone. Default false.
    /// </summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// The Unix domain socket over which descriptors are handed out. Between containers it lies on a volume that they share. Null or empty: there
    /// is none, and only clients of the same user get in, through <c>/proc</c>. Default null.
    /// </summary>
    public string? SocketPath { get; set; }

    /// <summary>Who may connect to it: the mode of its file, three octal digits. Default 600, its owner alone.</summary>
    public string SocketMode { get; set; } = "600";

    /// <summary>
    /// Bytes that all regions together may take; they count in <see cref="LimitsOptions.MemoryBytes"/> too. 0 (default): no bound of their own.
    /// </summary>
    public long BytesMax { get; set; }

    /// <summary>For how many seconds a token is good with which a client fetches descriptors, 0.1 to 600. Default 30.</summary>
    public double TokenSeconds { get; set; } = 30;
}
