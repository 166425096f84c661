using Adam.Service.Connections;
using Adam.Service.Tests.Support;
using Adam.V1;
using Xunit.Abstractions;

namespace Adam.Service.Tests.Attacks;

/// <summary>Clients that ask and do not take the answer. Their streams are reset; the connection and its other streams go on.</summary>
public sealed class SlowReadTests(ITestOutputHelper output) : AttackTest(output)
{
    private const uint OpenWindow = 65535;

    [Fact]
    public Task LongAnswer_NotTaken_IsReset() => UnderAttackAsync(
        async service =>
        {
            var request = await CreateLargeAsync(service);
            await using var connection = await RawConnection.OpenAsync(service.GrpcUrl, windowBytes: 0);
            await connection.SendAsync(Frames.Headers(1, Paths.ReadTensors), Frames.Message(1, request));
            await AssertAnsweredAsync(connection, 3);
            var reset = await connection.ReceiveAsync(frame => frame.Type == Frames.RstStreamType);
            Assert.Equal((1, ConnectionEnd.EnhanceYourCalm), (reset.Stream, reset.Code));
            await AssertAnsweredAsync(connection, 5);
            return $"RST_STREAM({reset.Code}) after 1 call";
        },
        ("Http2:CallIdleSeconds", "0.3"));

    [Fact]
    public Task ShortAnswer_NotTakenAfterItsHandlerHasReturned_IsReset() => UnderAttackAsync(
        async service =>
        {
            await using var connection = await RawConnection.OpenAsync(service.GrpcUrl, windowBytes: 0);
            await connection.SendAsync(Frames.Headers(1, Paths.ListSessions), Frames.Message(1, new ListSessionsRequest()));
            var reset = await connection.ReceiveAsync(frame => frame.Type == Frames.RstStreamType);
            Assert.Equal((1, ConnectionEnd.EnhanceYourCalm), (reset.Stream, reset.Code));
            await AssertAnsweredAsync(connection, 3);
            return $"RST_STREAM({reset.Code}) after 1 call";
        },
        ("Http2:CallIdleSeconds", "0.3"));

    [Fact]
    public Task Answer_TakenByteByByte_IsReset() => UnderAttackAsync(
        async service =>
        {
            var request = await CreateLargeAsync(service);
            await using var connection = await RawConnection.OpenAsync(service.GrpcUrl, windowBytes: 0);
            await connection.SendAsync(Frames.Headers(1, Paths.ReadTensors), Frames.Message(1, request));
            var taken = 0;
            ReceivedFrame frame;
            do
            {
                await connection.SendAsync(Frames.WindowUpdate(1, 1));
                frame = await connection.ReceiveAsync(frame => frame.Type is Frames.Data or Frames.RstStreamType);
                taken += frame.Type == Frames.Data ? frame.Payload.Length : 0;
            }
            while (frame.Type == Frames.Data);

            Assert.Equal((1, ConnectionEnd.EnhanceYourCalm), (frame.Stream, frame.Code));
            await AssertAnsweredAsync(connection, 3);
            return $"RST_STREAM({frame.Code}) after {taken} bytes";
        },
        ("Http2:CallIdleSeconds", "0.3"),
        ("Http2:CallBytesMin", "1048576"));

    [Fact]
    public Task ManyAnswersOnManyConnections_NotTaken_AreResetAboveTheirLimit() => UnderAttackAsync(
        async service =>
        {
            const int Connections = 10;
            const int Streams = 20;
            const int UnsentMax = 16;
            var request = await CreateLargeAsync(service);
            var connections = new List<RawConnection>();
            for (var index = 0; index < Connections; index++)
            {
                var connection = await RawConnection.OpenAsync(service.GrpcUrl, windowBytes: 0);
                connections.Add(connection);
                for (var stream = 1; stream < 2 * Streams; stream += 2)
                {
                    await connection.SendAsync(Frames.Headers(stream, Paths.ReadTensors), Frames.Message(stream, request));
                }
            }

            // Each answer is longer than a sixteenth of the limit, so no more than sixteen can be left.
            var resets = 0;
            await Task.WhenAll(connections.Select(CountResetsAsync));
            foreach (var connection in connections)
            {
                Assert.True(await connection.PingAsync());
                await connection.DisposeAsync();
            }

            return $"{resets} of {Connections * Streams} calls RST_STREAM({ConnectionEnd.EnhanceYourCalm})";

            async Task CountResetsAsync(RawConnection connection)
            {
                while (Volatile.Read(ref resets) < (Connections * Streams) - UnsentMax)
                {
                    var reset = await connection.ReceiveAsync(frame => frame.Type is Frames.RstStreamType or Frames.PingType);
                    if (reset.Type == Frames.RstStreamType)
                    {
                        Assert.Equal(ConnectionEnd.EnhanceYourCalm, reset.Code);
                        if (Interlocked.Increment(ref resets) == (Connections * Streams) - UnsentMax)
                        {
                            // The others wait for frames that may never come.
                            await Task.WhenAll(connections.Select(other => other.SendAsync(Frames.Ping)));
                        }
                    }
                }
            }
        },
        ("Http2:UnsentBytesMax", "16777216"));

    [Fact]
    public Task Reader_ThatGivesBackEveryFrame_IsNotCutOff() => UnderAttackAsync(
        async service =>
        {
            var request = await CreateLargeAsync(service);
            await using var connection = await RawConnection.OpenAsync(service.GrpcUrl);
            await connection.SendAsync(Frames.Headers(1, Paths.ReadTensors), Frames.Message(1, request));
            var frames = 0;
            ReceivedFrame frame;
            do
            {
                frame = await connection.ReceiveAsync(frame => frame.Stream == 1);
                if (frame.Type == Frames.Data)
                {
                    var bytes = (uint)frame.Payload.Length;
                    await connection.SendAsync(Frames.WindowUpdate(0, bytes), Frames.WindowUpdate(1, bytes), Frames.Ping);
                    frames++;
                }
            }
            while (!frame.EndsStream);

            Assert.Equal(0, frame.GrpcStatus);
            return $"status 0 after {frames} DATA frames, {2 * frames} WINDOW_UPDATE and {frames} PING";
        },
        ("Http2:PrioritiesAndWindowUpdatesPerSecondMax", "4"),
        ("Http2:SettingsAndPingsPerSecondMax", "4"));

    private static async Task<ReadTensorsRequest> CreateLargeAsync(TestService service)
    {
        var session = Requests.NewId();
        var create = Requests.Create(session);
        create.Tensors.Add(new TensorSpec { Name = "large", Shape = { 1 << 19 } });
        await service.CreateAsync(create);
        var values = new float[1 << 18];
        await service.WriteAsync(
            new WriteBegin { Session = Requests.Ref(session) },
            new WriteCommit(),
            Requests.Chunk(0, 0, values),
            Requests.Chunk(0, 1 << 18, values));
        return new ReadTensorsRequest { Session = Requests.Ref(session), Slots = { Slot.Weights } };
    }

    private static async Task AssertAnsweredAsync(RawConnection connection, int stream)
    {
        await connection.SendAsync(
            Frames.Headers(stream, Paths.ListSessions),
            Frames.WindowUpdate(stream, OpenWindow),
            Frames.Message(stream, new ListSessionsRequest()));
        Assert.Equal(0, (await connection.ReceiveAsync(frame => frame.Stream == stream && frame.EndsStream)).GrpcStatus);
    }
}
