namespace Adam.Service.Configuration;

/// <summary>What survives the process, and where it lies. Section <c>Durability</c>.</summary>
internal sealed class DurabilityOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Durability";

    /// <summary>
    /// The directory for snapshots, checkpoints and the step log; it is made if it is not there, and belongs to one service at a time. Empty:
    /// nothing is kept, every session is of tier MEMORY. Default empty; <c>appsettings.json</c> says <c>adam-data</c>, in the working directory.
    /// </summary>
    public string Directory { get; set; } = "";

    /// <summary>The tier of sessions that ask for none: AUTO, MEMORY, SNAPSHOT or LOG. AUTO (default): LOG up to <see cref="AutoLogParameterBytesMax"/>, SNAPSHOT above.</summary>
    public string DefaultTier { get; set; } = "AUTO";

    /// <summary>Bytes of parameters up to which AUTO means LOG, 0 or more. Default 16 MiB.</summary>
    public long AutoLogParameterBytesMax { get; set; } = 16 << 20;

    /// <summary>Seconds between snapshots of a session that has changed and does not say otherwise, 1 to 86,400. Default 300.</summary>
    public double SnapshotEverySeconds { get; set; } = 300;

    /// <summary>
    /// Bytes of step log since a session's last snapshot, in multiples of its state (which counts as 4 MiB at least), after which it is
    /// snapshotted: 1 to 1,000. More makes longer recoveries, less makes more snapshots. Default 8.
    /// </summary>
    public double SnapshotAfterLogOfStates { get; set; } = 8;

    /// <summary>How many snapshots of a session are kept, 1 to 1,000. The log is kept from the oldest on, for forks of earlier iterations. Default 2.</summary>
    public int SnapshotsKept { get; set; } = 2;

    /// <summary>
    /// Also kept: one snapshot for every so many iterations of the first group, for ever; without the log between them. 0 (default): none.
    /// </summary>
    public long SnapshotsKeptEvery { get; set; }

    /// <summary>Bytes of a segment of the step log, 1 MiB to 1 TiB. Default 256 MiB.</summary>
    public long LogSegmentBytes { get; set; } = 256L << 20;

    /// <summary>
    /// Bytes of the step log at which the sessions that hold its oldest segments are snapshotted, so that those can go: 16 MiB or more. 0 (default): a
    /// quarter of the free room at the start.
    /// </summary>
    public long LogBytesMax { get; set; }
}
