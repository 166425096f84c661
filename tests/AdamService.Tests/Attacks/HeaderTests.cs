using Xunit.Abstractions;

namespace Adam.Service.Tests.Attacks;

/// <summary>Headers that are larger than they look.</summary>
public sealed class HeaderTests(ITestOutputHelper output) : AttackTest(output)
{
    private static readonly ConnectionEnd Refused = ConnectionEnd.WentAway(ConnectionEnd.ProtocolError);

    [Fact]
    public Task LargeContinuations_EndTheConnection() => FloodAsync(
        Refused,
        framesMax: 8,
        perTurn: 1,
        sent => Frames.Of(Frames.ContinuationType, 0, 1, Frames.Literal($"a{sent}", new string('b', 15_000))),
        first: Frames.Headers(1, ListSessions, flags: 0),
        paced: false);

    [Fact]
    public Task HpackBomb_EndsTheConnection() => FloodAsync(
        Refused,
        framesMax: 1,
        perTurn: 1,
        _ => Frames.Headers(
            1, ListSessions, Frames.EndHeaders, [.. Frames.Indexed("a", new string('b', 3900)), .. Enumerable.Repeat((byte)(0x80 | 62), 8000)]));

    [Fact]
    public Task ManyHeaders_AreRefused() => UnderAttackAsync(async service =>
    {
        await using var connection = await RawConnection.OpenAsync(service.GrpcUrl);
        await connection.SendAsync(Frames.Headers(1, ListSessions, Frames.EndHeaders, Frames.Repeat(Frames.Literal("a", "b"), 60)));
        var answer = await connection.ReceiveAsync(frame => frame.Type == Frames.HeadersType);
        Assert.True(answer.EndsStream);
        Assert.Contains("431", System.Text.Encoding.Latin1.GetString(answer.Payload), StringComparison.Ordinal);
        Assert.True(await connection.PingAsync());
        return "HTTP 431 after 1 frame";
    });
}
