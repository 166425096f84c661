namespace Adam.Service.Configuration;

/// <summary>Bounds that an operator may move. Reaching one is RESOURCE_EXHAUSTED and names the option. Section <c>Limits</c>.</summary>
internal sealed class LimitsOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Limits";

    /// <summary>The largest message in bytes, 64 KiB to 1 GiB. Default 4 MiB, which is what stock clients receive at most.</summary>
    public int MessageBytesMax { get; set; } = 4 << 20;

    /// <summary>The largest <c>data</c> of a chunk in bytes, 4 KiB up to the largest message less 4 KiB. Default 1 MiB.</summary>
    public int ChunkBytesMax { get; set; } = 1 << 20;

    /// <summary>
    /// Bytes for parameters, slots and batches in flight of all sessions together. 0 (default): six tenths of the memory that
    /// the process may use.
    /// </summary>
    public long MemoryBytes { get; set; }

    /// <summary>
    /// Bytes of them that the sessions of one tenant may have together. Callers are not told apart, so there is one tenant, "default", which has
    /// all sessions. 0 (default): no bound beside <see cref="MemoryBytes"/>.
    /// </summary>
    public long TenantMemoryBytes { get; set; }

    /// <summary>Bytes of them that one session may have, batches in flight included. 0 (default): no bound of its own.</summary>
    public long SessionMemoryBytes { get; set; }

    /// <summary>Sessions at a time, 1 to 1,000,000. Default 1,024.</summary>
    public int SessionsMax { get; set; } = 1024;

    /// <summary>Tensors of a session, 1 to 100,000. Default 10,000.</summary>
    public int TensorsPerSessionMax { get; set; } = 10_000;

    /// <summary>
    /// Workers that have ever trained a session, 1 to 100,000. They are remembered for its whole life, because a repeated batch
    /// must be known as one. Default 256.
    /// </summary>
    public int WorkersPerSessionMax { get; set; } = 256;

    /// <summary>Calls and batches that wait for a session before callers are held back, 1 to 10,000. Default 16.</summary>
    public int QueuedPerSessionMax { get; set; } = 16;

    /// <summary>Batches of a stream that may be committed and not yet answered, 1 to 64. Default 2.</summary>
    public int CreditsPerStream { get; set; } = 2;

    /// <summary>
    /// Seconds for which a session keeps memory of gradients that no batch has needed, 0 to 86,400. 0 keeps none: every batch takes fresh memory.
    /// Default 60.
    /// </summary>
    public int StagingIdleSeconds { get; set; } = 60;

    /// <summary>
    /// Seconds without use after which a session of tier MEMORY is ended, 0 to 315,360,000 (ten years); also the most that a session may ask for
    /// with <c>limits.idle_timeout</c>. 0 (default): only sessions that ask for it are ended. What lies in memory alone cannot be brought back,
    /// while sessions that nobody needs are seen in ListSessions, and a refusal for want of memory says to delete them.
    /// </summary>
    public int IdleSeconds { get; set; }

    /// <summary>Batches of a session that may be open between BeginBatch and CommitBatch, 1 to 10,000. Default 16.</summary>
    public int OpenBatchesPerSessionMax { get; set; } = 16;

    /// <summary>
    /// Bytes for the gradients of the batches that a session has open between BeginBatch and CommitBatch, counted as float32 when they are begun.
    /// 0 (default): twice the bytes of the session's state.
    /// </summary>
    public long OpenBatchBytesPerSessionMax { get; set; }

    /// <summary>Seconds without a call after which a batch that BeginBatch opened is dropped, 1 to 86,400. Default 120.</summary>
    public int OpenBatchIdleSeconds { get; set; } = 120;

    /// <summary>
    /// How long a session's next change waits for clients that are still receiving its present values, which are sent from where they lie: 0
    /// to 600 seconds. After that what they have not received is copied aside. Default 2.
    /// </summary>
    public double ReaderPatienceSeconds { get; set; } = 2;
}
