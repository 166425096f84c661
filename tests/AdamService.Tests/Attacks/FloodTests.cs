using Xunit.Abstractions;

namespace Adam.Service.Tests.Attacks;

/// <summary>Frames that are legal one by one, and come by the million.</summary>
public sealed class FloodTests(ITestOutputHelper output) : AttackTest(output)
{
    [Fact]
    public Task Settings_AtOnce_EndTheConnection() => FloodAsync(Floods.Settings);

    [Fact]
    public Task Pings_AtOnce_EndTheConnection() => FloodAsync(Floods.Pings);

    [Fact]
    public Task Priorities_AtOnce_EndTheConnection() => FloodAsync(Floods.Priorities);

    [Fact]
    public Task WindowUpdates_OfTheConnection_EndIt() => FloodAsync(Floods.WindowUpdates);

    [Fact]
    public Task UnknownFrames_AtOnce_EndTheConnection() => FloodAsync(Floods.UnknownFrames);

    [Fact]
    public Task EmptyData_InARow_EndsTheConnection() => FloodAsync(Floods.EmptyData);

    [Fact]
    public Task PaddedEmptyData_InARow_EndsTheConnection() => FloodAsync(Floods.PaddedEmptyData);

    [Fact]
    public Task EmptyContinuations_WithoutEnd_EndTheConnection() => FloodAsync(Floods.EmptyContinuations);

    [Fact]
    public Task SmallContinuations_WithoutEnd_EndTheConnection() => FloodAsync(Floods.SmallContinuations);

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
}
