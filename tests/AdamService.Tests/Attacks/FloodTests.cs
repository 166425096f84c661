using Xunit.Abstractions;

namespace Adam.Service.Tests.Attacks;

/// <summary>Frames that are legal one by one, and come by the million.</summary>
public sealed class FloodTests(ITestOutputHelper output) : AttackTest(output)
{
    private static readonly ConnectionEnd Calm = ConnectionEnd.WentAway(ConnectionEnd.EnhanceYourCalm);

    // A limit can be passed twice when a second ends in the middle; then what one turn and the sockets hold.
    [Fact]
    public Task Settings_AtOnce_EndTheConnection() => FloodAsync(Calm, 400 + 1000, Frames.Settings);

    [Fact]
    public Task Pings_AtOnce_EndTheConnection() => FloodAsync(Calm, 400 + 1000, Frames.Ping);

    [Fact]
    public Task Priorities_AtOnce_EndTheConnection() => FloodAsync(Calm, 2000 + 1000, Frames.Priority(1));

    [Fact]
    public Task WindowUpdates_OfTheConnection_EndIt() => FloodAsync(Calm, 2000 + 1000, Frames.WindowUpdate(0, 1));

    [Fact]
    public Task UnknownFrames_AtOnce_EndTheConnection() => FloodAsync(Calm, 2000 + 1000, Frames.Of(0xEE, 0, 0));

    [Fact]
    public Task EmptyData_InARow_EndsTheConnection() =>
        FloodAsync(Calm, 1000, Frames.Of(Frames.Data, 0, 1), first: Frames.Headers(1, Train));

    [Fact]
    public Task PaddedEmptyData_InARow_EndsTheConnection() =>
        FloodAsync(Calm, 1000, Frames.Of(Frames.Data, 0x8, 1, [0]), first: Frames.Headers(1, Train));

    [Fact]
    public Task EmptyContinuations_WithoutEnd_EndTheConnection() =>
        FloodBlockAsync(Frames.Of(Frames.ContinuationType, 0, 1));

    [Fact]
    public Task SmallContinuations_WithoutEnd_EndTheConnection() =>
        FloodBlockAsync(Frames.Of(Frames.ContinuationType, 0, 1, Frames.Literal("a", "b")));

    [Fact]
    public Task Pings_OfAClientThatDoesNotRead_EndTheConnection() => UnderAttackAsync(async service =>
    {
        await using var connection = await RawConnection.OpenAsync(service.GrpcUrl, reads: false);
        var sent = 0;

        // It has to be cut off: there is no end to read. Whatever the sockets hold may have been sent by then.
        var turn = Frames.Repeat(Frames.Ping, 1000);
        while (sent < 2_000_000 && await connection.SendAsync(turn))
        {
            sent += 1000;
        }

        Assert.InRange(sent, 1, 1_999_999);
        return $"closed after {sent} frames";
    });

    // Between the frames of a block nothing else may come, so the turns are not paced.
    private Task FloodBlockAsync(byte[] frame) =>
        FloodAsync(Calm, framesMax: 20, perTurn: 1, _ => frame, Frames.Headers(1, Train, flags: 0), paced: false);
}
