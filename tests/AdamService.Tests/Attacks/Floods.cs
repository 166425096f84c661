namespace Adam.Service.Tests.Attacks;

/// <summary>All floods.</summary>
internal static class Floods
{
    // A limit can be passed twice when a second ends in the middle; then what one turn and the sockets hold.
    private const int SettingsAndPingsMax = 400 + 1000;
    private const int OthersMax = 2000 + 1000;
    private const int EmptyMax = 1000;
    private const int StreamsMax = 2000;

    private static readonly ConnectionEnd Calm = ConnectionEnd.WentAway(ConnectionEnd.EnhanceYourCalm);
    private static readonly ConnectionEnd Refused = ConnectionEnd.WentAway(ConnectionEnd.ProtocolError);

    public static readonly Flood Settings = Same("SETTINGS", SettingsAndPingsMax, Frames.Settings);

    public static readonly Flood Pings = Same("PING", SettingsAndPingsMax, Frames.Ping);

    public static readonly Flood Priorities = Same("PRIORITY", OthersMax, Frames.Priority(1));

    public static readonly Flood WindowUpdates = Same("WINDOW_UPDATE", OthersMax, Frames.WindowUpdate(0, 1));

    public static readonly Flood UnknownFrames = Same("unknown frames", OthersMax, Frames.Of(0xEE, 0, 0));

    public static readonly Flood EmptyData =
        Same("empty DATA", EmptyMax, Frames.Of(Frames.Data, 0, 1), Frames.Headers(1, Paths.Train));

    public static readonly Flood PaddedEmptyData =
        Same("empty DATA with padding", EmptyMax, Frames.Of(Frames.Data, 0x8, 1, [0]), Frames.Headers(1, Paths.Train));

    public static readonly Flood EmptyContinuations = Block("empty CONTINUATION", Frames.Of(Frames.ContinuationType, 0, 1));

    public static readonly Flood SmallContinuations =
        Block("small CONTINUATION", Frames.Of(Frames.ContinuationType, 0, 1, Frames.Literal("a", "b")));

    public static readonly Flood LargeContinuations = new(
        "large CONTINUATION",
        Refused,
        Max: 8,
        PerTurn: 1,
        sent => Frames.Of(Frames.ContinuationType, 0, 1, Frames.Literal($"a{sent}", new string('b', 15_000))),
        Frames.Headers(1, Paths.ListSessions, flags: 0),
        Paced: false);

    public static readonly Flood HpackBomb = new(
        "HPACK bomb",
        Refused,
        Max: 1,
        PerTurn: 1,
        _ => Frames.Headers(
            1, Paths.ListSessions, Frames.EndHeaders, [.. Frames.Indexed("a", new string('b', 3900)), .. Enumerable.Repeat((byte)(0x80 | 62), 8000)]));

    public static readonly Flood RapidReset =
        Streams("rapid reset", Calm, stream => [.. Frames.Headers(stream, Paths.Train), .. Frames.RstStream(stream, ConnectionEnd.Cancel)]);

    public static readonly Flood WindowUpdateOfNothing =
        Streams("WINDOW_UPDATE of 0", Refused, stream => [.. Frames.Headers(stream, Paths.Train), .. Frames.WindowUpdate(stream, 0)]);

    public static readonly Flood DataAfterItsEnd = Streams(
        "DATA after the end",
        ConnectionEnd.WentAway(ConnectionEnd.StreamClosed),
        stream =>
        [
            .. Frames.Headers(stream, Paths.Train),
            .. Frames.Of(Frames.Data, Frames.EndStream, stream, [0]),
            .. Frames.Of(Frames.Data, 0, stream, [0]),
        ]);

    public static readonly Flood WindowThatOverflows = Streams(
        "window that overflows", Calm, stream => [.. Frames.Headers(stream, Paths.Train), .. Frames.WindowUpdate(stream, int.MaxValue)]);

    public static readonly Flood StreamsBeyondTheLimit =
        Streams("streams beyond the limit", Calm, stream => Frames.Headers(stream, Paths.Train));

    private static Flood Same(string name, int max, byte[] frame, byte[]? first = null)
    {
        const int PerTurn = 50;
        var turn = Frames.Repeat(frame, PerTurn);
        return new Flood(name, Calm, max, PerTurn, _ => turn, first);
    }

    // Between the frames of a block nothing else may come, so the turns are not paced.
    private static Flood Block(string name, byte[] frame) =>
        new(name, Calm, Max: 20, PerTurn: 1, _ => frame, Frames.Headers(1, Paths.Train, flags: 0), Paced: false);

    private static Flood Streams(string name, ConnectionEnd expected, Func<int, byte[]> stream)
    {
        const int PerTurn = 20;
        return new Flood(
            name,
            expected,
            StreamsMax,
            PerTurn,
            sent => [.. Enumerable.Range(sent, PerTurn).SelectMany(index => stream(1 + (2 * index)))]);
    }
}
