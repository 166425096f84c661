using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;
using Xunit.Abstractions;

namespace Adam.Service.Tests.Attacks;

/// <summary>Clients that begin something and do not go on. Their calls end with a status; the connection and its other streams go on.</summary>
public sealed class SlowBodyTests(ITestOutputHelper output) : AttackTest(output)
{
    private static readonly (string, string) Soon = ("Http2:CallIdleSeconds", "0.3");
    private static readonly float[] Initial = Floats.Random(600, 1);
    private static readonly float[] Gradient = Floats.Random(600, 2);

    [Fact]
    public Task Call_ThatSendsNothing_EndsWithAStatus() => AssertEndsAsync(Frames.Headers(1, Paths.Train));

    [Fact]
    public Task UnaryCall_WithoutEnd_EndsWithAStatus() =>
        AssertEndsAsync([.. Frames.Headers(1, Paths.ListSessions), .. Frames.Message(1, new ListSessionsRequest(), flags: 0)]);

    [Fact]
    public Task RestingStream_InTheMiddleOfAMessage_EndsWithAStatus() => UnderAttackAsync(
        async service =>
        {
            await using var connection = await OpenTrainAsync(service);
            await connection.SendAsync(Frames.Of(Frames.Data, 0, 1, [0, 0, 0]));
            return await ReadStatusAsync(connection);
        },
        Soon);

    [Fact]
    public Task Message_ByteByByte_EndsWithAStatus() => UnderAttackAsync(
        async service =>
        {
            await using var connection = await OpenTrainAsync(service);
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            var status = ReadStatusAsync(connection);
            var sent = 0;

            // A message of a megabyte, in bytes.
            await connection.SendAsync(Frames.Of(Frames.Data, 0, 1, [0, 0, 16, 0, 0]));
            while (!status.IsCompleted && await pace.WaitForNextTickAsync())
            {
                await connection.SendAsync(Frames.Of(Frames.Data, 0, 1, [0]));
                sent++;
            }

            return $"{await status} after {sent} bytes";
        },
        Soon);

    [Fact]
    public Task Batch_ThatDoesNotGoOn_EndsAloneWithAStatus() => UnderAttackAsync(
        async service =>
        {
            await service.CreateAsync(Requests.Create("s", Initial));
            var free = service.Memory.ReservedBytes;
            using var resting = await TrainClient.OpenAsync(service, "s", "resting");

            // Three times, so that the stream that rests has done so for longer than a call may wait.
            for (var round = 0; round < 3; round++)
            {
                using var stalled = await TrainClient.OpenAsync(service, "s", "stalled");
                await stalled.BeginAsync(Requests.Begin(1));
                await stalled.ChunkAsync(Requests.Chunk(0, 0, Gradient.AsSpan(0, 5)));
                var error = await Assert.ThrowsAsync<RpcException>(stalled.ReadAsync);
                Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
                Assert.Contains("Http2:CallIdleSeconds", error.Status.Detail, StringComparison.Ordinal);
            }

            await Eventually.EqualAsync(free, () => service.Memory.ReservedBytes);
            Assert.Equal(BatchOutcome.Applied, (await resting.StepAsync(1, Gradient)).Result.Outcome);
            await resting.CloseAsync();
            return "grpc-status 4, 3 times";
        },
        Soon);

    private Task AssertEndsAsync(byte[] beginning) => UnderAttackAsync(
        async service =>
        {
            await using var connection = await RawConnection.OpenAsync(service.GrpcUrl);
            await connection.SendAsync(beginning);
            return await ReadStatusAsync(connection);
        },
        Soon);

    private static async Task<RawConnection> OpenTrainAsync(TestService service)
    {
        await service.CreateAsync(Requests.Create("s", Initial));
        var connection = await RawConnection.OpenAsync(service.GrpcUrl);
        var open = new TrainRequest { Open = new TrainOpen { Session = Requests.Ref("s"), WorkerId = "w" } };
        await connection.SendAsync(Frames.Headers(1, Paths.Train), Frames.Message(1, open, flags: 0));
        await connection.ReceiveAsync(frame => frame.Type == Frames.Data);
        return connection;
    }

    // The connection must be there still.
    private static async Task<string> ReadStatusAsync(RawConnection connection)
    {
        var end = await connection.ReceiveAsync(frame => frame.EndsStream);
        Assert.Equal((1, (int)StatusCode.DeadlineExceeded), (end.Stream, end.GrpcStatus));
        Assert.True(await connection.PingAsync());
        return $"grpc-status {end.GrpcStatus}";
    }
}
