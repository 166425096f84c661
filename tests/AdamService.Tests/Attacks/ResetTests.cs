using Xunit.Abstractions;

namespace Adam.Service.Tests.Attacks;

/// <summary>Streams that are opened to be reset, by the client (CVE-2023-44487) or by the service (CVE-2025-8671).</summary>
public sealed class ResetTests(ITestOutputHelper output) : AttackTest(output)
{
    private const int StreamsMax = 2000;
    private const int StreamsPerTurn = 20;

    private static readonly ConnectionEnd Calm = ConnectionEnd.WentAway(ConnectionEnd.EnhanceYourCalm);

    [Fact]
    public Task RapidReset_EndsTheConnection() => FloodAsync(
        Calm, stream => [.. Frames.Headers(stream, Train), .. Frames.RstStream(stream, ConnectionEnd.Cancel)]);

    [Fact]
    public Task WindowUpdateOfNothing_EndsTheConnection() => FloodAsync(
        ConnectionEnd.WentAway(ConnectionEnd.ProtocolError),
        stream => [.. Frames.Headers(stream, Train), .. Frames.WindowUpdate(stream, 0)]);

    [Fact]
    public Task DataAfterItsEnd_EndsTheConnection() => FloodAsync(
        ConnectionEnd.WentAway(ConnectionEnd.StreamClosed),
        stream =>
        [
            .. Frames.Headers(stream, Train),
            .. Frames.Of(Frames.Data, Frames.EndStream, stream, [0]),
            .. Frames.Of(Frames.Data, 0, stream, [0]),
        ]);

    [Fact]
    public Task WindowThatOverflows_EndsTheConnection() => FloodAsync(
        Calm, stream => [.. Frames.Headers(stream, Train), .. Frames.WindowUpdate(stream, int.MaxValue)]);

    [Fact]
    public Task StreamsBeyondTheLimit_EndTheConnection() => FloodAsync(Calm, stream => Frames.Headers(stream, Train));

    private Task FloodAsync(ConnectionEnd expected, Func<int, byte[]> stream) => FloodAsync(
        expected,
        StreamsMax,
        StreamsPerTurn,
        sent => [.. Enumerable.Range(sent, StreamsPerTurn).SelectMany(index => stream(1 + (2 * index)))]);
}
