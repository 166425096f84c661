using Xunit.Abstractions;

namespace Adam.Service.Tests.Attacks;

/// <summary>Streams that are opened to be reset, by the client (CVE-2023-44487) or by the service (CVE-2025-8671).</summary>
public sealed class ResetTests(ITestOutputHelper output) : AttackTest(output)
{
    private const int StreamsMax = 2000;

    [Fact]
    public Task RapidReset_EndsTheConnection() => FloodAsync(
        ConnectionEnd.WentAway(ConnectionEnd.EnhanceYourCalm),
        StreamsMax,
        perTurn: 1,
        sent => [.. Frames.Headers(Stream(sent), Train), .. Frames.RstStream(Stream(sent), ConnectionEnd.Cancel)]);

    [Fact]
    public Task WindowUpdateOfNothing_EndsTheConnection() => FloodAsync(
        ConnectionEnd.WentAway(ConnectionEnd.ProtocolError),
        StreamsMax,
        perTurn: 1,
        sent => [.. Frames.Headers(Stream(sent), Train), .. Frames.WindowUpdate(Stream(sent), 0)]);

    [Fact]
    public Task DataAfterItsEnd_EndsTheConnection() => FloodAsync(
        ConnectionEnd.WentAway(ConnectionEnd.StreamClosed),
        StreamsMax,
        perTurn: 1,
        sent =>
        [
            .. Frames.Headers(Stream(sent), Train),
            .. Frames.Of(Frames.Data, Frames.EndStream, Stream(sent), [0]),
            .. Frames.Of(Frames.Data, 0, Stream(sent), [0]),
        ]);

    [Fact]
    public Task WindowThatOverflows_EndsTheConnection() => FloodAsync(
        ConnectionEnd.WentAway(ConnectionEnd.EnhanceYourCalm),
        StreamsMax,
        perTurn: 1,
        sent => [.. Frames.Headers(Stream(sent), Train), .. Frames.WindowUpdate(Stream(sent), int.MaxValue)]);

    [Fact]
    public Task StreamsBeyondTheLimit_EndTheConnection() => FloodAsync(
        ConnectionEnd.WentAway(ConnectionEnd.EnhanceYourCalm),
        StreamsMax,
        perTurn: 1,
        sent => Frames.Headers(Stream(sent), Train));

    private static int Stream(int index) => 1 + (2 * index);
}
