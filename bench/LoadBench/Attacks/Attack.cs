using Adam.Service.Tests.Attacks;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>An attack, and the honest load that it is compared with.</summary>
/// <param name="Name">What is done.</param>
/// <param name="PerSecond">How many connections do it in a second.</param>
/// <param name="Load">The attack.</param>
/// <param name="Twin">As many connections and streams, or frames and bytes, of somebody who behaves well, for what the attack sends on each.</param>
internal sealed record Attack(string Name, int PerSecond, ILoad Load, Func<Traffic, ILoad> Twin)
{
    private const int FloodsPerSecond = 20;
    private const int ResetsPerSecond = 5;
    private const int VisitsPerSecond = 100;
    private const int ReadsPerSecond = 5;

    /// <summary>All attacks.</summary>
    public static IReadOnlyList<Attack> All { get; } =
    [
        Streams(Floods.RapidReset),
        Streams(Floods.WindowUpdateOfNothing),
        Streams(Floods.DataAfterItsEnd),
        Streams(Floods.WindowThatOverflows),
        Streams(Floods.StreamsBeyondTheLimit),
        FramesOf(Floods.LargeContinuations),
        FramesOf(Floods.HpackBomb),
        FramesOf(Floods.EmptyContinuations),
        FramesOf(Floods.SmallContinuations),
        FramesOf(Floods.Settings),
        FramesOf(Floods.Pings),
        FramesOf(Floods.Priorities),
        FramesOf(Floods.WindowUpdates),
        FramesOf(Floods.UnknownFrames),
        FramesOf(Floods.EmptyData),
        FramesOf(Floods.PaddedEmptyData),
        new("PING, answers not read", 2, new UnreadPings(), each => new Upload(each)),
        new("answers not taken", ReadsPerSecond, new Reads(windowBytes: 0), _ => new Reads(Reads.OpenWindow)),
        new("messages byte by byte", ReadsPerSecond, new SlowBodies(), each => new Upload(each)),
        Visit("half a preface", new HeldLoad(Frames.Preface[..12])),
        Visit("no call", new HeldLoad(Frames.Preface, Frames.Settings)),
        Visit("headers without end", new HeldLoad(Frames.Preface, Frames.Settings, Frames.Headers(1, Paths.Train, flags: 0))),
        new("messages of random bytes", FloodsPerSecond, BadMessages.RandomMessages(), _ => Calls.Benign(BadMessages.Count)),
        new("gzip bombs", FloodsPerSecond, BadMessages.Bombs(), _ => Calls.Benign(BadMessages.Count)),
    ];

    // Streams that are opened to be reset are compared with as many calls. There are hundreds of them on a connection, and more of those in a
    // second would be more calls than the service can answer.
    private static Attack Streams(Flood flood) =>
        new(flood.Name, ResetsPerSecond, new FloodLoad(flood), each => Calls.Benign((int)each.Streams));

    // Frames are compared with as many frames, and bytes, of a call that makes sense.
    private static Attack FramesOf(Flood flood) => new(flood.Name, FloodsPerSecond, new FloodLoad(flood), each => new Upload(each));

    // Connections are compared with as many that make one call each.
    private static Attack Visit(string name, ILoad load) => new(name, VisitsPerSecond, load, _ => Calls.Benign(1));
}
