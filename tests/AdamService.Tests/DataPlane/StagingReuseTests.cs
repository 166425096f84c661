using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.DataPlane;

/// <summary>The memory of a batch's gradients is that of the one before.</summary>
public sealed class StagingReuseTests
{
    private static readonly float[] Initial = Floats.Random(300, 1);
    private static readonly float[] Gradient = Floats.Random(300, 2);

    [Fact]
    public async Task Train_BatchByBatch_HoldsOneGradientAndNoMore()
    {
        await using var service = await TestService.StartAsync();
        var id = Requests.NewId();
        await service.CreateAsync(Requests.Create(id, Initial));
        var state = service.Memory.ReservedBytes;
        using var stream = await TrainClient.OpenAsync(service, id);

        for (var sequence = 1UL; sequence <= 5; sequence++)
        {
            await stream.StepAsync(Requests.Begin(sequence, ReplyKind.None), Gradient);
            Assert.Equal((state, 300 * sizeof(float)), (service.Memory.ReservedBytes, service.Memory.IdleBytes));
        }

        await service.DeleteAsync(id);
        Assert.Equal((0, 0), (service.Memory.ReservedBytes, service.Memory.IdleBytes));
    }

    [Fact]
    public async Task Train_RefusedAndDroppedBatches_LeaveNothingInUse()
    {
        await using var service = await TestService.StartAsync();
        var id = Requests.NewId();
        await service.CreateAsync(Requests.Create(id, Initial));
        var state = service.Memory.ReservedBytes;
        using (var stream = await TrainClient.OpenAsync(service, id))
        {
            await stream.BeginAsync(Requests.Begin(1));
            await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient.AsSpan(0, 100), DType.Float16));
            await stream.ChunkAsync(Requests.Chunk(0, 100, Gradient.AsSpan(100, 100)));
            await stream.CommitAsync();
            (await stream.ReadAnswerAsync()).Refused();
            await stream.BeginAsync(Requests.Begin(1));
            await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient));
            await stream.BeginAsync(Requests.Begin(1));
            await stream.CloseAsync();
        }

        await Eventually.EqualAsync(state, () => service.Memory.ReservedBytes);
        Assert.Equal(300 * (sizeof(float) + 2), service.Memory.IdleBytes);
    }

    [Fact]
    public async Task Create_MemoryIsShort_TakesWhatAnotherSessionKept()
    {
        // The state of a session takes 3,600 bytes and its gradient 1,200: two states fit beside one another, but not with what is kept.
        await using var service = await TestService.StartAsync(("Limits:MemoryBytes", "8000"));
        var (first, second) = (Requests.NewId(), Requests.NewId());
        await service.CreateAsync(Requests.Create(first, Initial));
        using var stream = await TrainClient.OpenAsync(service, first);
        await stream.StepAsync(Requests.Begin(1, ReplyKind.None), Gradient);
        Assert.Equal(1200, service.Memory.IdleBytes);

        await service.CreateAsync(Requests.Create(second, Initial));

        Assert.Equal(0, service.Memory.IdleBytes);
    }
}
