namespace Adam.Service.Configuration;

/// <summary>
/// What a connection and its calls may take: how many, how long, how many frames. Times are in seconds, 0.05 to 86,400. Reaching a bound
/// ends a connection or a call, never the service (<c>docs/hardening.md</c>). Section <c>Http2</c>.
/// </summary>
internal sealed class Http2Options
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Http2";

    /// <summary>Connections of an endpoint at a time, 1 to 1,000,000; one more is closed at once. Default 2,000.</summary>
    public int ConnectionsMax { get; set; } = 2000;

    /// <summary>
    /// Connections of an endpoint from one address, 1 to 1,000,000. 0: as many as there may be at all, which is what a service behind a
    /// proxy needs. Default 64.
    /// </summary>
    public int ConnectionsPerAddressMax { get; set; } = 64;

    /// <summary>How long a connection may be open without a call. Default 60.</summary>
    public double KeepAliveSeconds { get; set; } = 60;

    /// <summary>How long a connection may take until its first frame. Default 10.</summary>
    public double PrefaceSeconds { get; set; } = 10;

    /// <summary>How long the headers of a request may take. Default 10.</summary>
    public double RequestHeadersSeconds { get; set; } = 10;

    /// <summary>After how long a silent peer is asked for a sign of life, 1 or more. Default 30.</summary>
    public double PingDelaySeconds { get; set; } = 30;

    /// <summary>How long that sign may take, 1 or more; then the connection is closed. Default 20.</summary>
    public double PingTimeoutSeconds { get; set; } = 20;

    /// <summary>
    /// Calls of a connection at a time, 1 to 10,000. Whoever raises it raises <see cref="ResetsPerSecondMax"/> with it: a client that cancels
    /// all its calls at once resets as many streams. Default 100.
    /// </summary>
    public int StreamsPerConnectionMax { get; set; } = 100;

    /// <summary>All headers of a request together in bytes, 1 KiB to 1 MiB. Default 16 KiB.</summary>
    public int HeaderBytesMax { get; set; } = 16 << 10;

    /// <summary>Headers of a request, 8 to 1,000. Default 64.</summary>
    public int HeaderCountMax { get; set; } = 64;

    /// <summary>The table of headers that a connection remembers (HPACK) in bytes, 0 to 64 KiB. Default 4 KiB.</summary>
    public int HeaderTableBytes { get; set; } = 4 << 10;

    /// <summary>The largest frame that a client may send in bytes, 16 KiB to 16 MiB less one byte. Default 16 KiB.</summary>
    public int FrameBytesMax { get; set; } = 16 << 10;

    /// <summary>
    /// What all calls of a connection may send ahead of their readers in bytes, 64 KiB to 1 GiB. Default 4 MiB: with 1 MiB, the sender of chunks of
    /// 1 MiB waits for the reader within each of them, which costs about a tenth of an echo's rate on loopback; 8 MiB gained an echo nothing there. It is not what bounds memory: a message that is being received is held whole, up to <c>Limits:MessageBytesMax</c> for each call.
    /// </summary>
    public int ConnectionWindowBytes { get; set; } = 4 << 20;

    /// <summary>
    /// What one call may send ahead of its reader in bytes, 64 KiB up to the window of the connection. Default 2 MiB: a chunk of 1 MiB while the one
    /// before it is being staged.
    /// </summary>
    public int StreamWindowBytes { get; set; } = 2 << 20;

    /// <summary>
    /// SETTINGS and PING frames in a second, 1 to 1,000,000; one PING for each DATA frame that the service has sent is not counted. 0: no
    /// limit. Default 200.
    /// </summary>
    public int SettingsAndPingsPerSecondMax { get; set; } = 200;

    /// <summary>
    /// PRIORITY, WINDOW_UPDATE and unknown frames in a second, 1 to 1,000,000; two WINDOW_UPDATE for each DATA frame that the service has
    /// sent are not counted. 0: no limit. Default 1,000.
    /// </summary>
    public int PrioritiesAndWindowUpdatesPerSecondMax { get; set; } = 1000;

    /// <summary>
    /// RST_STREAM frames of the client in a second, and streams in a second that the client makes the service reset or refuse, 1 to 1,000,000.
    /// 0: no limit. Default 200.
    /// </summary>
    public int ResetsPerSecondMax { get; set; } = 200;

    /// <summary>
    /// HEADERS, CONTINUATION and DATA frames in a row that hold nothing and end nothing, 1 to 1,000,000. 0: no limit. Default 1.
    /// </summary>
    public int EmptyFramesInARowMax { get; set; } = 1;

    /// <summary>CONTINUATION frames of one block of headers, 1 to 1,000,000. 0: no limit. Default 8.</summary>
    public int ContinuationsPerBlockMax { get; set; } = 8;

    /// <summary>
    /// How long a call may wait for its client in the middle of a message, a request or a batch, or for its client to take an answer, while
    /// fewer than <see cref="CallBytesMin"/> bytes move. A Train stream between two batches may wait for ever. Default 60.
    /// </summary>
    public double CallIdleSeconds { get; set; } = 60;

    /// <summary>What has to move in that time in bytes, 1 to 1 GiB, unless less is left. Default 1 KiB.</summary>
    public int CallBytesMin { get; set; } = 1 << 10;

    /// <summary>
    /// Bytes of answers that wait for their clients, of all calls together, 1 MiB or more. Above it, calls are ended of whose answers
    /// much has waited long, and the others wait with their next message. Default 256 MiB.
    /// </summary>
    public long UnsentBytesMax { get; set; } = 256 << 20;
}
