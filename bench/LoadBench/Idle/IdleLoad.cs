namespace Adam.Bench.LoadBench.Idle;

/// <summary>How many streams are open and silent.</summary>
/// <param name="Streams">All of them.</param>
/// <param name="Connections">Those that hold them.</param>
/// <param name="Sessions">Those that they train; each has as many workers.</param>
/// <param name="Rounds">How often they are opened and closed.</param>
/// <param name="Seconds">How long each measurement takes.</param>
internal sealed record IdleLoad(int Streams, int Connections, int Sessions, int Rounds, double Seconds)
{
    /// <summary>The model of each session.</summary>
    public const int Parameters = 1000;

    /// <summary>Those of one connection, rounded up.</summary>
    public int StreamsPerConnection => (Streams + Connections - 1) / Connections;
}
