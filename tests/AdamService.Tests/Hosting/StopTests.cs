using Adam.Service.Connections;
using Adam.Service.Hosting;
using Adam.Service.Tests.Attacks;
using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Adam.Service.Tests.Hosting;

/// <summary>What a stop lets finish, and what it ends.</summary>
public sealed class StopTests
{
    private static readonly float[] Initial = Floats.Random(600, 1);
    private static readonly float[] Gradient = Floats.Random(600, 2);
    private static readonly (string Name, string Value) Soon = ("Server:DrainSeconds", "0.3");

    [Fact]
    public async Task Stop_BatchThatIsBegun_MayBeFinishedAndIsAnswered()
    {
        await using var service = await TestService.StartAsync(("Server:DrainSeconds", "60"));
        using var stream = await BeginAsync(service);
        await using var idle = await RawConnection.OpenAsync(service.GrpcUrl);
        Assert.True(await idle.PingAsync());

        var stopping = service.StopAsync();
        Assert.Equal(ConnectionEnd.WentAway(ConnectionEnd.NoError), await idle.WaitForEndAsync());
        var readiness = await service.Get<Readiness>().CheckHealthAsync(new HealthCheckContext());
        var stopsEarly = stopping.IsCompleted;
        await stream.ChunkAsync(Requests.Chunk(0, 5, Gradient.AsSpan(5)));
        await stream.CommitAsync();
        var answer = await stream.ReadAnswerAsync();

        Assert.Equal((HealthStatus.Unhealthy, false), (readiness.Status, stopsEarly));
        Bits.AssertSame(new Replica(Initial).Apply(Gradient).Weights(), answer.Tensor(0), "t0");
        (await stream.ReadRefusalAsync()).AssertIs(StatusCode.Unavailable, ErrorReason.ShuttingDown);
        await stopping;
    }

    [Fact]
    public async Task Stop_BatchThatIsNeverFinished_IsEndedAfterItsTime()
    {
        await using var service = await TestService.StartAsync(Soon);
        using var stream = await BeginAsync(service);

        var stopping = service.StopAsync();

        (await stream.ReadRefusalAsync()).AssertIs(StatusCode.Unavailable, ErrorReason.ShuttingDown);
        await stopping;
    }

    [Fact]
    public async Task Stop_UploadThatIsNeverFinished_IsEndedAfterItsTime()
    {
        await using var service = await TestService.StartAsync(Soon);
        await service.CreateAsync(Requests.Create("s", Initial));
        using var call = service.Training.WriteTensors(TestService.Call());
        await call.RequestStream.WriteAsync(new WriteTensorsRequest { Begin = new WriteBegin { Session = Requests.Ref("s") } });
        await Eventually.EqualAsync(1, () => service.Get<GuardedConnections>().CallCount);

        var stopping = service.StopAsync();

        await Refusal.OfAsync(StatusCode.Unavailable, ErrorReason.ShuttingDown, async () => await call.ResponseAsync);
        await stopping;
    }

    [Fact]
    public async Task Stop_StreamThatIsNeverOpened_IsEndedAfterItsTime()
    {
        await using var service = await TestService.StartAsync(Soon);
        using var stream = TrainClient.Start(service);
        await Eventually.EqualAsync(1, () => service.Get<GuardedConnections>().CallCount);

        var stopping = service.StopAsync();

        (await stream.ReadRefusalAsync()).AssertIs(StatusCode.Unavailable, ErrorReason.ShuttingDown);
        await stopping;
    }

    // A batch of which the service knows that it is begun.
    private static async Task<TrainClient> BeginAsync(TestService service)
    {
        await service.CreateAsync(Requests.Create("s", Initial));
        var state = service.Memory.ReservedBytes;
        var stream = await TrainClient.OpenAsync(service, "s");
        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient.AsSpan(0, 5)));
        await Eventually.EqualAsync(true, () => service.Memory.ReservedBytes > state);
        return stream;
    }
}
