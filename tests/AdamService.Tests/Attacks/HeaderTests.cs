using Xunit.Abstractions;

namespace Adam.Service.Tests.Attacks;

/// <summary>Headers that are larger than they look.</summary>
public sealed class HeaderTests(ITestOutputHelper output) : AttackTest(output)
{
    [Fact]
    public Task LargeContinuations_EndTheConnection() => FloodAsync(Floods.LargeContinuations);

    [Fact]
    public Task HpackBomb_EndsTheConnection() => FloodAsync(Floods.HpackBomb);

    [Fact]
    public Task ManyHeaders_AreRefused() => UnderAttackAsync(async service =>
    {
        await using var connection = await RawConnection.OpenAsync(service.GrpcUrl);
        await connection.SendAsync(Frames.Headers(1, Paths.ListSessions, Frames.EndHeaders, Frames.Repeat(Frames.Literal("a", "b"), 60)));
        var answer = await connection.ReceiveAsync(frame => frame.Type == Frames.HeadersType);
        Assert.True(answer.EndsStream);
        Assert.Contains("431", System.Text.Encoding.Latin1.GetString(answer.Payload), StringComparison.Ordinal);
        Assert.True(await connection.PingAsync());
        return "HTTP 431 after 1 frame";
    });
}
