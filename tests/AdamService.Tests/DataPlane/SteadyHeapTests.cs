using Adam.Service.Tests.Attacks;
using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;
using Xunit.Abstractions;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Training leaves nothing behind in the managed heap, step after step, over real HTTP/2. The trainer in this process counts, too.</summary>
[Collection(OneByOne.Name)]
public sealed class SteadyHeapTests(ITestOutputHelper output)
{
    private const int LargeObjects = 3;
    private const int ChunkBytes = 1 << 20;

    // What a collection finds alive goes up and down by some thousand bytes: pools, timers, code that is compiled anew.
    private const long GrowthMax = 128 << 10;

    [Fact]
    public async Task Steps_AThousand_LeaveTheHeapAsItWas()
    {
        const int Steps = 1000;
        await using var service = await TestService.StartAsync();
        float[][] values = [Floats.Random(1000, 1), Floats.Random(24, 2)];
        await service.CreateAsync(Requests.Create("s", values));
        using var stream = await TrainClient.OpenAsync(service, "s");
        var sequence = await StepAsync(stream, 0, 300, values);
        var (before, large) = Collect();

        sequence = await StepAsync(stream, sequence, Steps, values);

        var allocated = LargeObjectsSince(large);
        var growth = Collect().Bytes - before;
        output.WriteLine($"{growth} bytes more after {Steps} steps, {allocated} of large objects");
        Assert.InRange(growth, long.MinValue, GrowthMax);
        Assert.Equal(0, allocated);
        Assert.Equal((ulong)Steps + 300, sequence);
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Bfloat16)]
    public async Task Chunks_OfAMebibyte_LeaveLessThanAKibibyteEach(DType dtype)
    {
        const int Chunks = 16;
        const int Rounds = 4;
        const int Steps = 4;
        const int Batches = 2 + (Rounds * 2);
        var elements = ChunkBytes / (dtype == DType.Float32 ? 4 : 2);
        await using var service = await TestService.StartAsync();
        var request = Requests.Create("s", [1f], [1f]);
        request.Tensors[0].Shape[0] = (long)elements * Chunks;
        request.InitialValues.Clear();
        await service.CreateAsync(request);
        await WriteAsync(service, (long)elements * Chunks);
        byte[][] chunks = [.. Enumerable.Range(0, Chunks).Select(i => Frames.Prefixed(new TrainRequest
        {
            Chunk = new TensorChunk { Offset = (ulong)(i * elements), Dtype = dtype, Data = UnsafeByteOperations.UnsafeWrap(new byte[ChunkBytes]) },
        }))];

        // Batches of the large tensor and of the small one by turns: what a batch costs without chunks of a mebibyte is none of theirs.
        byte[][] begins = [.. Enumerable.Range(0, Batches * Steps).Select(i => Frames.Prefixed(new TrainRequest
        {
            Begin = new BatchBegin
            {
                Sequence = (ulong)i + 1,
                ListedTensors = Requests.Indexes(i / Steps % 2),
                Reply = new ReplySpec { Kind = ReplyKind.None },
            },
        }))];
        byte[][] small = [Frames.Prefixed(new TrainRequest { Chunk = Requests.Chunk(1, 0, [1f]) })];
        var commit = Frames.Prefixed(new TrainRequest { Commit = new BatchCommit() });

        // A thread of its own: it blocks, and the service needs those of the pool.
        var (perChunk, large) = await Task.Factory.StartNew(
            () =>
            {
                using var trainer = new SilentTrainer(service.GrpcUrl, new TrainOpen { Session = Requests.Ref("s"), WorkerId = "w" });
                var least = long.MaxValue;
                var before = 0L;
                for (var round = 0; round <= Rounds; round++)
                {
                    var many = Allocated(() => Send(trainer, begins.AsSpan(2 * round * Steps, Steps), chunks, commit));
                    var none = Allocated(() => Send(trainer, begins.AsSpan(((2 * round) + 1) * Steps, Steps), small, commit));
                    if (round == 0)
                    {
                        // The first fills the pools.
                        before = Collect().Large;
                        continue;
                    }

                    // The service wakes more or less often for the same bytes, which is the machine's doing.
                    least = Math.Min(least, (many - none) / (Steps * Chunks));
                }

                return (least, LargeObjectsSince(before));
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        output.WriteLine($"{perChunk} bytes for each chunk, {large} of large objects");
        Assert.Equal((Batches * Steps) + 2ul, (await service.GetAsync("s")).Version);
        Assert.InRange(perChunk, 0, 1024);
        Assert.Equal(0, large);
    }

    private static async Task WriteAsync(TestService service, long elements)
    {
        var zeros = new float[ChunkBytes / sizeof(float)];
        await service.WriteAsync(
            new WriteBegin { Session = Requests.Ref("s") },
            new WriteCommit(),
            [.. Enumerable.Range(0, (int)(elements / zeros.Length)).Select(i => Requests.Chunk(0, i * zeros.Length, zeros)), Requests.Chunk(1, 0, [1f])]);
    }

    private static async Task<ulong> StepAsync(TrainClient stream, ulong sequence, int steps, float[][] values)
    {
        for (var i = 0; i < steps; i++)
        {
            Assert.Equal(BatchOutcome.Applied, (await stream.StepAsync(++sequence, values)).Result.Outcome);
        }

        return sequence;
    }

    private static void Send(SilentTrainer trainer, ReadOnlySpan<byte[]> begins, byte[][] chunks, byte[] commit)
    {
        foreach (var begin in begins)
        {
            trainer.Send(begin);
            foreach (var chunk in chunks)
            {
                trainer.Send(chunk);
            }

            trainer.Send(commit);
            trainer.AwaitAnswers(1);
        }
    }

    private static long Allocated(Action action)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        action();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    // What lives, and how large the heap of large objects is, when everything else is gone.
    private static (long Bytes, long Large) Collect()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        var bytes = GC.GetTotalMemory(forceFullCollection: true);
        return (bytes, GC.GetGCMemoryInfo(GCKind.FullBlocking).GenerationInfo[LargeObjects].SizeAfterBytes);
    }

    // A collection knows how large that heap was when it began: garbage is in it, too.
    private static long LargeObjectsSince(long before)
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true);
        return GC.GetGCMemoryInfo(GCKind.FullBlocking).GenerationInfo[LargeObjects].SizeBeforeBytes - before;
    }
}
