using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>What ends an open stream from outside, and that nothing is left behind.</summary>
public sealed class TrainStreamLifeTests
{
    private static readonly float[] Initial = Floats.Random(600, 1);
    private static readonly float[] Gradient = Floats.Random(600, 2);

    [Fact]
    public async Task Train_SessionDeleted_IsAborted()
    {
        await using var service = await TestService.StartAsync();
        await service.CreateAsync(Requests.Create("s", Initial));
        using var stream = await TrainClient.OpenAsync(service, "s");
        await stream.StepAsync(1, Gradient);
        await stream.BeginAsync(Requests.Begin(2));
        await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient.AsSpan(0, 5)));

        await service.DeleteAsync("s");

        (await stream.ReadRefusalAsync()).AssertIs(StatusCode.Aborted, ErrorReason.SessionDeleted);
        await Eventually.EqualAsync(0, () => service.Memory.ReservedBytes);
    }

    [Fact]
    public async Task Train_SessionMadeAgain_IsAnotherOne()
    {
        await using var service = await TestService.StartAsync();
        var old = await service.CreateAsync(Requests.Create("s", Initial));
        await service.DeleteAsync("s");
        var made = await service.CreateAsync(Requests.Create("s", Initial));
        var reference = new SessionRef { SessionId = "s", SessionUid = old.SessionUid };

        await Refusal.OfAsync(
            StatusCode.NotFound,
            ErrorReason.SessionReplaced,
            () => TrainClient.OpenAsync(service, new TrainOpen { Session = reference, WorkerId = "w" }));

        Assert.NotEqual(old.SessionUid, made.SessionUid);
    }

    [Fact]
    public async Task Train_ServiceStops_IsUnavailable()
    {
        await using var service = await TestService.StartAsync();
        await service.CreateAsync(Requests.Create("s", Initial));
        using var stream = await TrainClient.OpenAsync(service, "s");
        await stream.StepAsync(1, Gradient);

        var stopping = service.StopAsync();

        (await stream.ReadRefusalAsync()).AssertIs(StatusCode.Unavailable, ErrorReason.ShuttingDown);
        await stopping;
    }

    [Fact]
    public async Task Train_CancelledInTheMiddleOfABatch_LeavesNoTrace()
    {
        await using var service = await TestService.StartAsync();
        await service.CreateAsync(Requests.Create("s", Initial));
        var state = service.Memory.ReservedBytes;
        using var cancellation = new CancellationTokenSource();
        using var stream = await TrainClient.OpenAsync(service, "s", cancellationToken: cancellation.Token);
        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient));
        await Eventually.EqualAsync(state + (600 * sizeof(float)), () => service.Memory.ReservedBytes);

        await cancellation.CancelAsync();

        await Eventually.EqualAsync(state, () => service.Memory.ReservedBytes);
        await Eventually.EqualAsync(0, async () => (await service.GetAsync("s")).Workers.Count);
        using var again = await TrainClient.OpenAsync(service, "s");
        Assert.Equal((1ul, 1ul), (again.Opened.NextSequence, again.Opened.Version));
        var answer = await again.StepAsync(1, Gradient);
        Bits.AssertSame(new Replica(Initial).Apply(Gradient).Weights(), answer.Tensor(0), "t0");
    }

    [Fact]
    public async Task Train_RefusedBatches_GiveTheirMemoryBack()
    {
        await using var service = await TestService.StartAsync();
        await service.CreateAsync(Requests.Create("s", Initial, Initial));
        var state = service.Memory.ReservedBytes;
        using (var stream = await TrainClient.OpenAsync(service, "s"))
        {
            (await stream.StepAsync(1, Gradient)).Refused();
            (await stream.StepAsync(7, Gradient, Gradient)).Refused();
            (await stream.StepAsync(1, Gradient, Gradient, Gradient)).Refused();
            await stream.BeginAsync(Requests.Begin(1));
            await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient));
            await stream.StepAsync(1, Gradient, Gradient);
            await stream.StepAsync(1, Gradient, Gradient);
            await stream.CloseAsync();
        }

        await Eventually.EqualAsync(state, () => service.Memory.ReservedBytes);
        await service.DeleteAsync("s");
        Assert.Equal(0, service.Memory.ReservedBytes);
    }
}
