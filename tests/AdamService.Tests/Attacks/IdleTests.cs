using Adam.Service.Connections;
using Adam.Service.Tests.Support;
using Xunit.Abstractions;

namespace Adam.Service.Tests.Attacks;

/// <summary>Connections that are opened to be there.</summary>
public sealed class IdleTests(ITestOutputHelper output) : AttackTest(output)
{
    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    [InlineData(24)]
    [InlineData(32)]
    public Task Preface_ThatIsNotFinished_IsClosed(int bytes) => UnderAttackAsync(
        async service =>
        {
            await using var connection = await RawConnection.ConnectAsync(service.GrpcUrl);
            byte[] beginning = [.. Frames.Preface, .. Frames.Settings];
            await connection.SendAsync(beginning[..bytes]);
            Assert.Equal(ConnectionEnd.Closed, await connection.WaitForEndAsync());
            return $"{ConnectionEnd.Closed} after {bytes} bytes";
        },
        ("Http2:PrefaceSeconds", "0.3"));

    [Fact]
    public Task Headers_WithoutEnd_EndTheConnection() => UnderAttackAsync(
        async service =>
        {
            await using var connection = await RawConnection.OpenAsync(service.GrpcUrl);
            await connection.SendAsync(Frames.Headers(1, Paths.ListSessions, flags: 0));

            // Kestrel says goodbye and cuts the connection at the same time: whether the word arrives is chance.
            var end = await connection.WaitForEndAsync();
            Assert.Contains(end, new[] { ConnectionEnd.Closed, ConnectionEnd.WentAway(ConnectionEnd.InternalError) });
            return $"{end} after 1 frame";
        },
        ("Http2:RequestHeadersSeconds", "0.5"));

    [Fact]
    public Task Connections_AboveTheLimitOfAnAddress_AreClosed() => UnderAttackAsync(
        async service =>
        {
            const int Allowed = 10;
            var connections = await OpenAsync(service, 2 * Allowed);

            // The neighbour has one.
            await Eventually.EqualAsync(Allowed + 1, () => connections.Count(connection => connection.HasEnded));
            await DisposeAsync(connections);
            return $"{Allowed + 1} of {2 * Allowed} closed";
        },
        ("Http2:ConnectionsPerAddressMax", "10"));

    [Fact]
    public Task ManyConnections_AreClosedAboveTheLimitAndWhenIdle() => UnderAttackAsync(
        async service =>
        {
            const int Allowed = 300;
            const int Opened = 500;
            var connections = await OpenAsync(service, Opened);
            await Task.WhenAll(connections.Select(connection => connection.WaitForEndAsync()));
            var ends = await Task.WhenAll(connections.Select(connection => connection.WaitForEndAsync()));

            // Those that were let in are told why they go.
            Assert.Equal(Allowed - 1, ends.Count(end => end == ConnectionEnd.WentAway(ConnectionEnd.NoError)));
            Assert.Equal(Opened - Allowed + 1, ends.Count(end => end == ConnectionEnd.Closed));
            await Eventually.EqualAsync(1, () => service.Get<GuardedConnections>().Count);
            await using var late = await RawConnection.OpenAsync(service.GrpcUrl);
            Assert.True(await late.PingAsync());
            await DisposeAsync(connections);
            return $"{Allowed - 1} GOAWAY(0), {Opened - Allowed + 1} closed at once";
        },
        ("Http2:ConnectionsMax", "300"),
        ("Http2:ConnectionsPerAddressMax", "0"),
        ("Http2:KeepAliveSeconds", "1"));

    private static async Task<List<RawConnection>> OpenAsync(TestService service, int count)
    {
        var connections = new List<RawConnection>();
        for (var index = 0; index < count; index++)
        {
            connections.Add(await RawConnection.OpenAsync(service.GrpcUrl));
        }

        return connections;
    }

    private static async Task DisposeAsync(List<RawConnection> connections)
    {
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }
}
