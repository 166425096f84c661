using Adam.Service.DataPlane;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Tests.Support;
using Adam.Service.Tests.Tensors;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Tests.DataPlane;

/// <summary>What a batch leaves for the collector does not grow with its gradients.</summary>
public sealed class StagingAllocationTests
{
    private const int ChunkBytes = 1 << 20;
    private const int Chunks = 8;

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Bfloat16)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Int8Blocks)]
    public async Task Batch_AfterTheFirst_AllocatesLessThanAKibibyteAChunk(DType dtype)
    {
        var elements = dtype switch { DType.Float32 => ChunkBytes / 4, DType.Float64 => ChunkBytes / 8, DType.Bfloat16 => ChunkBytes / 2, _ => 500 * 2048 };
        await using var service = await TestService.StartAsync();
        var id = Requests.NewId();
        var request = Requests.Create(id, Floats.Random(8, 1));
        request.Tensors[0].Shape[0] = (long)elements * Chunks;
        request.InitialValues.Clear();
        await service.CreateAsync(request);
        var session = service.Get<SessionRegistry>().Find(id)!;
        var reply = ReplyPlan.Read(new ReplySpec { Kind = ReplyKind.None }, null, session.Definition, ChunkBytes, "reply");
        SegmentedPayload[] messages =
        [
            .. Enumerable.Range(0, Chunks).Select(i => new SegmentedPayload(
                new TrainRequest { Chunk = Encoded.Chunk(dtype, 0, i * elements, new float[elements]) }.ToByteArray(), int.MaxValue)),
        ];
        using var incoming = new IncomingBatch(session.Definition, reply, ChunkBytes, service.Memory, session.Staging);
        Receive(incoming, messages);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 4; i++)
        {
            Receive(incoming, messages);
        }

        var perChunk = (GC.GetAllocatedBytesForCurrentThread() - before) / (4 * Chunks);
        Assert.True(perChunk < 1024, $"{perChunk} bytes for each chunk.");
    }

    private static void Receive(IncomingBatch incoming, SegmentedPayload[] messages)
    {
        incoming.Begin(Requests.Begin(1, ReplyKind.None));
        foreach (var message in messages)
        {
            var received = TensorMarshallers.TrainRequest.ContextualDeserializer(message);
            incoming.Add(received.Chunk);
            TensorPayload.Release(received.Chunk.Data);
        }

        var (_, staged, refusal) = incoming.Commit(new BatchCommit());
        Assert.Null(refusal);
        staged!.Dispose();
    }
}
