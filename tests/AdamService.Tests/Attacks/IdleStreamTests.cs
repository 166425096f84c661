using System.Buffers.Binary;
using Adam.Service.Connections;
using Adam.Service.Tests.Support;
using Adam.V1;
using Xunit.Abstractions;

namespace Adam.Service.Tests.Attacks;

/// <summary>Trainers by the thousand that have opened a stream and are silent. That is no attack; it must not become one either.</summary>
[Collection(OneByOne.Name)]
public sealed class IdleStreamTests(ITestOutputHelper output)
{
    private const int Connections = 3;
    private const int StreamsPerConnection = 1000;
    private const int StreamsAtOnce = 50;
    private const int Sessions = 15;

    // 16.4 KiB is what was measured, whatever the number of tensors.
    private const long BytesPerStreamMax = 24 << 10;
    private const long BytesLeftMax = 16 << 20;

    [Theory]
    [InlineData(1)]
    [InlineData(1500)]
    public async Task Streams_OpenAndSilent_HoldLittleAndGiveItBack(int tensors)
    {
        await using var service = await TestService.StartAsync(("Http2:StreamsPerConnectionMax", "1000"));
        var guarded = service.Get<GuardedConnections>();
        string[] sessions = [.. Enumerable.Range(0, Sessions).Select(_ => Requests.NewId())];
        foreach (var session in sessions)
        {
            await service.CreateAsync(Requests.Create(session, [.. Enumerable.Repeat(new float[] { 1 }, tensors)]));
        }

        using var trainer = await TrainClient.OpenAsync(service, sessions[0], "trainer");
        var gradients = Enumerable.Repeat(new float[] { 1 }, tensors).ToArray();
        Assert.Equal(BatchOutcome.Applied, (await trainer.StepAsync(1, gradients)).Result.Outcome);
        var (reserved, before) = (service.Memory.ReservedBytes, GC.GetTotalMemory(forceFullCollection: true));

        var connections = await Task.WhenAll(Enumerable.Range(0, Connections).Select(index => OpenAsync(service, sessions, index)));

        var perStream = (GC.GetTotalMemory(forceFullCollection: true) - before) / (Connections * StreamsPerConnection);
        Assert.Equal((Connections * StreamsPerConnection) + 1, guarded.CallCount);
        Assert.Equal(reserved, service.Memory.ReservedBytes);
        Assert.Equal(BatchOutcome.Applied, (await trainer.StepAsync(2, gradients)).Result.Outcome);

        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }

        await Eventually.EqualAsync((1, 1), () => (guarded.Count, guarded.CallCount));
        foreach (var session in sessions)
        {
            // Workers that have not trained are forgotten with their streams.
            var expected = session == sessions[0] ? 1 : 0;
            await Eventually.EqualAsync(expected, async () => (await service.GetAsync(session)).Workers.Count);
        }

        connections = [];
        var left = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"{perStream} bytes a stream, {left / 1024} KiB left");
        Assert.InRange(perStream, 0, BytesPerStreamMax);
        Assert.InRange(left, long.MinValue, BytesLeftMax);
        await trainer.CloseAsync();
    }

    [Fact]
    public async Task Streams_CancelledAllAtOnce_LeaveTheirConnectionOpen()
    {
        await using var service = await TestService.StartAsync(
            ("Http2:StreamsPerConnectionMax", "1000"), ("Http2:ResetsPerSecondMax", "1000"));
        string[] sessions = [.. Enumerable.Range(0, Sessions).Select(_ => Requests.NewId())];
        foreach (var session in sessions)
        {
            await service.CreateAsync(Requests.Create(session, [1f]));
        }

        await using var connection = await OpenAsync(service, sessions, 0);
        await connection.SendAsync(
            [.. Enumerable.Range(0, StreamsPerConnection).SelectMany(stream => Frames.RstStream(1 + (2 * stream), ConnectionEnd.Cancel))]);

        // A PING that is read together with the last of them would be answered in any case.
        var guarded = service.Get<GuardedConnections>();
        await Eventually.EqualAsync(0, () => guarded.CallCount);
        Assert.True(await connection.PingAsync());
    }

    // Not all at once: what they need only while they open would be measured, too.
    private static async Task<RawConnection> OpenAsync(TestService service, string[] sessions, int index)
    {
        var connection = await RawConnection.OpenAsync(service.GrpcUrl);
        await connection.SendAsync(Frames.WindowUpdate(0, int.MaxValue - ushort.MaxValue));
        for (var opened = 0; opened < StreamsPerConnection; opened += StreamsAtOnce)
        {
            for (var stream = opened; stream < opened + StreamsAtOnce; stream++)
            {
                var worker = (index * StreamsPerConnection) + stream;
                var open = new TrainOpen { Session = Requests.Ref(sessions[worker % Sessions]), WorkerId = $"w{worker}" };
                var id = 1 + (2 * stream);
                await connection.SendAsync(Frames.Headers(id, Paths.Train), Frames.Message(id, new TrainRequest { Open = open }, flags: 0));
            }

            await WaitUntilOpenedAsync(connection, StreamsAtOnce);
        }

        return connection;
    }

    // The answers may come in several frames each, and mixed.
    private static async Task WaitUntilOpenedAsync(RawConnection connection, int streams)
    {
        var missing = new Dictionary<int, int>();
        for (var opened = 0; opened < streams;)
        {
            var frame = await connection.ReceiveAsync(frame => frame.Type == Frames.Data);
            if (!missing.ContainsKey(frame.Stream))
            {
                missing[frame.Stream] = 5 + BinaryPrimitives.ReadInt32BigEndian(frame.Payload.AsSpan(1));
            }

            missing[frame.Stream] -= frame.Payload.Length;
            opened += missing[frame.Stream] == 0 ? 1 : 0;
        }
    }
}
