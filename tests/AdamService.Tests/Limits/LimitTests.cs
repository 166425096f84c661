using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.Limits;

/// <summary>Every bound is RESOURCE_EXHAUSTED and names the option that raises it.</summary>
public sealed class LimitTests
{
    private static readonly float[] Initial = Floats.Random(96, 1);

    [Fact]
    public async Task CreateSession_OneSessionTooMany_IsRefusedAndGivesItsMemoryBack()
    {
        await using var service = await TestService.StartAsync(("Limits:SessionsMax", "2"));
        await service.CreateAsync(Requests.Create("a", Initial));
        await service.CreateAsync(Requests.Create("b", Initial));
        var reserved = service.Memory.ReservedBytes;

        await AssertLimitAsync("SessionsMax", "2", () => service.CreateAsync(Requests.Create("c", Initial)));
        Assert.Equal(reserved, service.Memory.ReservedBytes);
        await service.DeleteAsync("a");
        await service.CreateAsync(Requests.Create("c", Initial));
        await service.DeleteAsync("b");
        await service.DeleteAsync("c");

        Assert.Equal(0, service.Memory.ReservedBytes);
    }

    [Fact]
    public async Task CreateSession_TooManyTensors_IsRefused()
    {
        await using var service = await TestService.StartAsync(("Limits:TensorsPerSessionMax", "2"));

        await service.CreateAsync(Requests.Create("a", [1], [1]));

        await AssertLimitAsync("TensorsPerSessionMax", "2", () => service.CreateAsync(Requests.Create("b", [1], [1], [1])));
    }

    [Fact]
    public async Task CreateSession_NoMemoryForItsState_IsRefusedUntilAnotherIsDeleted()
    {
        // 3 slots of 96 float32: one session fits, two do not.
        await using var service = await TestService.StartAsync(("Limits:MemoryBytes", "1920"));
        await service.CreateAsync(Requests.Create("a", Initial));

        var refusal = await Refusal.OfAsync(
            StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => service.CreateAsync(Requests.Create("b", Initial)));

        Assert.Equal(("MemoryBytes", "1920", "Limits:MemoryBytes"), (refusal.Metadata["limit"], refusal.Metadata["value"], refusal.Metadata["option"]));
        Assert.Contains("needs 1152 bytes; 768 of 1920 are free", refusal.Message, StringComparison.Ordinal);
        await service.DeleteAsync("a");
        await service.CreateAsync(Requests.Create("b", Initial));
    }

    [Theory]
    [InlineData(1L << 58)]
    [InlineData(1L << 59)]
    [InlineData((1L << 60) - 1)]
    public async Task CreateSession_StateThatNoNumberCounts_IsRefused(long elements)
    {
        await using var service = await TestService.StartAsync(("Limits:MemoryBytes", "1920"));
        var request = Requests.Create("huge", Initial);
        request.Tensors.Add(new TensorSpec { Name = "large", Shape = { elements } });
        request.Tensors.Add(new TensorSpec { Name = "larger", Shape = { 2, elements / 2 } });

        var refusal = await Refusal.OfAsync(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => service.CreateAsync(request));

        Assert.Equal(("MemoryBytes", "1920", "Limits:MemoryBytes"), (refusal.Metadata["limit"], refusal.Metadata["value"], refusal.Metadata["option"]));
        Assert.Equal(0, service.Memory.ReservedBytes);
    }

    [Theory]
    [InlineData(383)]
    [InlineData(767)]
    public async Task Train_NoMemoryForABatchOrItsDelta_IsRejectedAndChangesNothing(int left)
    {
        // Of a batch there are 384 bytes of gradient and 384 of old weights.
        await using var service = await TestService.StartAsync(("Limits:MemoryBytes", $"{1152 + left}"));
        await service.CreateAsync(Requests.Create("s", Initial));
        using var stream = await TrainClient.OpenAsync(service, "s");

        var answer = await stream.StepAsync(Requests.Begin(1, ReplyKind.Delta), Initial);
        var unary = await Refusal.OfAsync(() => service.StepAsync(Requests.Step("s", "w2", Requests.Begin(1, ReplyKind.Delta), Initial)));

        answer.Refused().AssertIs(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded);
        unary.AssertIs(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded);
        Assert.Equal(1ul, answer.Result.Version);
        Assert.Equal(1152, service.Memory.ReservedBytes);
        Assert.Equal(0, (await service.GetAsync("s")).Groups[0].Iterations);
        await service.DeleteAsync("s");
        Assert.Equal(0, service.Memory.ReservedBytes);
    }

    [Fact]
    public async Task Train_JustEnoughMemory_IsEnoughForEveryBatch()
    {
        // The state and one gradient: weights are sent from where they lie.
        await using var service = await TestService.StartAsync(("Limits:MemoryBytes", "1536"));
        await service.CreateAsync(Requests.Create("s", Initial));
        using var stream = await TrainClient.OpenAsync(service, "s");

        for (var sequence = 1ul; sequence <= 20; sequence++)
        {
            var answer = await stream.StepAsync(sequence, Initial);
            Assert.Equal(BatchOutcome.Applied, answer.Result.Outcome);

            // The gradient is given back just after the step.
            await Eventually.EqualAsync(1152, () => service.Memory.ReservedBytes);
        }
    }

    [Fact]
    public async Task Train_Deltas_UseTheSameMemoryAgainUntilItIsNeeded()
    {
        await using var service = await TestService.StartAsync(("Limits:MemoryBytes", "1920"));
        await service.CreateAsync(Requests.Create("s", Initial));
        using var stream = await TrainClient.OpenAsync(service, "s");

        for (var sequence = 1ul; sequence <= 20; sequence++)
        {
            var answer = await stream.StepAsync(Requests.Begin(sequence, ReplyKind.Delta), Initial);
            Assert.Equal(BatchOutcome.Applied, answer.Result.Outcome);

            // The memory of the gradient and that of the delta are given back, and kept for the next ones.
            await Eventually.EqualAsync((1152, 2 * 384), () => (service.Memory.ReservedBytes, service.Memory.IdleBytes));
        }

        // 768 bytes of state fit only in the place of what is kept.
        await service.CreateAsync(Requests.Create("t", new float[64]));
        Assert.Equal(1152 + 768, service.Memory.ReservedBytes);
    }

    [Fact]
    public async Task ReadTensors_NoMemoryLeft_IsAnswered()
    {
        await using var service = await TestService.StartAsync(("Limits:MemoryBytes", "1152"));
        await service.CreateAsync(Requests.Create("s", Initial));

        var read = await service.ReadWeightsAsync("s");
        Bits.AssertSame(Initial, read, "weights");
    }

    [Fact]
    public async Task ReadTensors_UnchangedAndNoMemory_IsAnswered()
    {
        await using var service = await TestService.StartAsync(("Limits:MemoryBytes", "1252"));
        var created = await service.CreateAsync(Requests.Create("s", Initial));

        var read = await service.ReadAsync(
            new ReadTensorsRequest { Session = Requests.Ref("s"), IfNewerThan = created.Version });

        Assert.True(read.Header.Unchanged);
    }

    [Fact]
    public async Task WriteTensors_NoMemoryForTheData_IsRefused()
    {
        await using var service = await TestService.StartAsync(("Limits:MemoryBytes", "1252"));
        await service.CreateAsync(Requests.Create("s", Initial));

        await Refusal.OfAsync(
            StatusCode.ResourceExhausted,
            ErrorReason.LimitExceeded,
            () => service.WriteAsync(new WriteBegin { Session = Requests.Ref("s") }, new WriteCommit(), Requests.Chunk(0, 0, Initial)));

        Assert.Equal(1152, service.Memory.ReservedBytes);
    }

    [Fact]
    public async Task Train_OneWorkerTooMany_IsRefused()
    {
        await using var service = await TestService.StartAsync(("Limits:WorkersPerSessionMax", "2"));
        await service.CreateAsync(Requests.Create("s", Initial));
        using var one = await TrainClient.OpenAsync(service, "s", "one");
        await service.StepAsync(Requests.Step("s", "two", Requests.Begin(1), Initial));

        await AssertLimitAsync("WorkersPerSessionMax", "2", () => TrainClient.OpenAsync(service, "s", "three"));
        await AssertLimitAsync(
            "WorkersPerSessionMax", "2", () => service.StepAsync(Requests.Step("s", "three", Requests.Begin(1), Initial)));
        Assert.Equal(["one", "two"], (await service.GetAsync("s")).Workers.Select(worker => worker.WorkerId));
    }

    [Fact]
    public async Task Train_ChunkTooLarge_IsRejectedAndTheStreamGoesOn()
    {
        await using var service = await TestService.StartAsync(("Limits:ChunkBytesMax", "4096"));
        var large = new float[1025];
        await service.CreateAsync(Requests.Create("s", large));
        using var stream = await TrainClient.OpenAsync(service, "s");

        var refused = (await stream.StepAsync(1, large)).Refused();
        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Requests.Chunk(0, 0, large.AsSpan(0, 1024)));
        await stream.ChunkAsync(Requests.Chunk(0, 1024, large.AsSpan(1024)));
        await stream.CommitAsync();
        var applied = await stream.ReadAnswerAsync();

        refused.AssertIs(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded);
        Assert.Equal("Limits:ChunkBytesMax", refused.Metadata["option"]);
        Assert.Equal(4096ul, stream.Opened.MaxChunkBytes);
        Assert.Equal([4096, 4], applied.Chunks.Select(chunk => chunk.Data.Length));
        await AssertLimitAsync(
            "ChunkBytesMax",
            "4096",
            () => service.WriteAsync(new WriteBegin { Session = Requests.Ref("s") }, new WriteCommit(), Requests.Chunk(0, 0, large)));
    }

    [Fact]
    public async Task Call_MessageTooLarge_IsResourceExhausted()
    {
        await using var service = await TestService.StartAsync(("Limits:MessageBytesMax", "65536"), ("Limits:ChunkBytesMax", "4096"));

        var error = await Assert.ThrowsAsync<RpcException>(
            () => service.CreateAsync(Requests.Create("s", new float[20_000])));

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Contains("65536", error.Status.Detail, StringComparison.Ordinal);
        await service.CreateAsync(Requests.Create("s", new float[10_000]));
    }

    private static async Task AssertLimitAsync(string option, string value, Func<Task> call)
    {
        var refusal = await Refusal.OfAsync(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, call);
        Assert.Equal(
            (option, value, $"Limits:{option}"), (refusal.Metadata["limit"], refusal.Metadata["value"], refusal.Metadata["option"]));
    }
}
