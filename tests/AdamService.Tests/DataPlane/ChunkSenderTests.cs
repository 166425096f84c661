using Adam.Service.Configuration;
using Adam.Service.ControlPlane;
using Adam.Service.DataPlane;
using Adam.Service.Sessions;
using Adam.Service.Tests.Support;
using Adam.Service.Threads;
using Adam.V1;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Chunks of tensors of many sizes: which of them are made to leave, and which may wait for the next one.</summary>
public sealed class ChunkSenderTests : IDisposable
{
    private readonly EngineThreads _threads = new();
    private readonly Engine.StepThreads _stepThreads = new(1);
    private readonly Recording _responses = new();

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Bfloat16)]
    public async Task Send_ManySmallTensors_LetsNoMoreThanAFrameWait(DType dtype)
    {
        int[] lengths = [.. Enumerable.Range(1, 200).Select(i => i * 37 % 1500), 40_000, 3];
        var written = await SendAsync(dtype, lengths);

        var waiting = 0;
        foreach (var (bytes, isFollowed) in written)
        {
            // What else a message has is counted as 40 bytes.
            waiting += bytes + 40;
            Assert.Equal(waiting < 16 << 10, isFollowed);
            waiting = isFollowed ? waiting : 0;
        }

        Assert.Contains(written, chunk => chunk is { Bytes: < 10_000, IsFollowed: false });
        Assert.True(written[^1].IsFollowed);

        // Whoever writes the end makes it leave.
        Assert.Null(_responses.WriteOptions);
    }

    public void Dispose()
    {
        _threads.Dispose();
        _stepThreads.Dispose();
    }

    private async Task<List<(int Bytes, bool IsFollowed)>> SendAsync(DType dtype, int[] lengths)
    {
        var limits = Options.Create(new LimitsOptions { MemoryBytes = 1 << 24 });
        var factory = new SessionFactory(
            limits, Options.Create(new DurabilityOptions()), new Service.Limits.MemoryBudget(limits), _threads, _stepThreads, new StartCount(), TimeProvider.System);
        var request = Requests.Create("s", [.. lengths.Select(length => Floats.Random(length, length))]);
        var session = factory.Create(factory.Define(request), request);
        using var lease = await session.RunAsync(core => core.Lend([.. lengths.Select((_, index) => (index, Slot.Weights))]), CancellationToken.None);
        using var chunks = new ChunkSender<ReadTensorsResponse>(_responses, static chunk => new ReadTensorsResponse { Chunk = chunk });
        await chunks.SendAsync(lease, dtype, 1 << 20, CancellationToken.None);
        return _responses.Written;
    }

    private sealed class Recording : IServerStreamWriter<ReadTensorsResponse>
    {
        public WriteOptions? WriteOptions { get; set; }

        public List<(int Bytes, bool IsFollowed)> Written { get; } = [];

        public Task WriteAsync(ReadTensorsResponse message) => WriteAsync(message, CancellationToken.None);

        public Task WriteAsync(ReadTensorsResponse message, CancellationToken cancellationToken)
        {
            Written.Add((message.Chunk.Data.Length, (WriteOptions?.Flags ?? default).HasFlag(WriteFlags.BufferHint)));
            return Task.CompletedTask;
        }
    }
}
