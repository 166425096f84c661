namespace Adam.Bench.LoadBench.Active;

/// <summary>How many streams train at the same time.</summary>
/// <param name="Streams">All of them, each with a session of its own.</param>
/// <param name="Connections">Those that hold them; as many streams are the few that do the same work.</param>
/// <param name="Steps">The steps of all together in a round.</param>
/// <param name="Rounds">How often the many and the few take turns.</param>
internal sealed record ActiveLoad(int Streams, int Connections, int Steps, int Rounds)
{
    /// <summary>The model of each session.</summary>
    public const int Parameters = 1000;
}
