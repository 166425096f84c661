using Adam.Service.DataPlane;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Tests.Support;
using Adam.Service.Tests.Tensors;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Elements that go from where they were received straight to the batch.</summary>
public sealed class TensorSinkTests
{
    private const int Elements = 6000;
    private const int ChunkBytes = 1 << 20;

    [Theory]
    [InlineData(DType.Float32, 1, true)]
    [InlineData(DType.Float32, 4097, true)]
    [InlineData(DType.Float32, int.MaxValue, true)]
    [InlineData(DType.Float16, 1, true)]
    [InlineData(DType.Bfloat16, 3, true)]
    [InlineData(DType.Float64, 1, false)]
    [InlineData(DType.Float64, int.MaxValue, true)]
    [InlineData(DType.Int8Blocks, 7, false)]
    [InlineData(DType.Int8Blocks, int.MaxValue, true)]
    public async Task Receive_InPieces_StagesWhatAMessageWithItsDataDoes(DType dtype, int pieceBytes, bool isTaken)
    {
        await using var service = await TestService.StartAsync();
        var session = await CreateAsync(service);
        var chunk = Encoded.Chunk(dtype, 0, 0, Floats.Random(Elements, 5));
        using var plain = Open(service, session);
        using var incoming = Open(service, session);

        plain.Add(chunk);
        var received = Receive(incoming, chunk, pieceBytes);
        incoming.Add(received);

        Assert.Equal(isTaken ? 0 : chunk.Data.Length, received.Data.Length);
        Assert.Equal(Commit(plain), Commit(incoming));
    }

    [Fact]
    public async Task Receive_ChunkThatDoesNotFit_IsTheRefusalOfTheBatch()
    {
        await using var service = await TestService.StartAsync();
        var session = await CreateAsync(service);
        using var incoming = Open(service, session);

        incoming.Add(Receive(incoming, Encoded.Chunk(DType.Float32, 0, 1, new float[Elements]), 4096));
        incoming.Add(Receive(incoming, Encoded.Chunk(DType.Float32, 0, 0, new float[Elements]), 4096));
        var (_, staged, refusal) = incoming.Commit(new BatchCommit());

        Assert.Null(staged);
        Assert.Equal(ErrorReason.TensorMismatch, refusal!.Reason);
        Assert.Contains("elements 1 to 6001", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Receive_ChunkBeforeItsBegin_IsLeftToTheMessage()
    {
        await using var service = await TestService.StartAsync();
        var session = await CreateAsync(service);
        using var incoming = new IncomingBatch(session.Definition, NoReply(session), ChunkBytes, service.Memory, session.Staging);

        var received = Receive(incoming, Encoded.Chunk(DType.Float32, 0, 0, new float[Elements]), int.MaxValue);

        Assert.Equal(Elements * sizeof(float), received.Data.Length);
        Assert.Equal(ErrorReason.ProtocolViolation, Assert.Throws<ServiceException>(() => incoming.Add(received)).Reason);
    }

    [Fact]
    public async Task Use_OfOneStream_IsNotSeenByOthers()
    {
        await using var service = await TestService.StartAsync();
        var session = await CreateAsync(service);
        using var incoming = Open(service, session);
        await UseAsync(incoming);

        var received = TensorMarshallers.TrainRequest.ContextualDeserializer(Message(Encoded.Chunk(DType.Float32, 0, 0, new float[Elements]), 4096));

        Assert.Equal(Elements * sizeof(float), received.Chunk.Data.Length);
    }

    private static async Task UseAsync(ITensorSink sink)
    {
        TensorSink.Use(sink);
        await Task.Yield();
    }

    private static async Task<SessionActor> CreateAsync(TestService service)
    {
        var id = Requests.NewId();
        await service.CreateAsync(Requests.Create(id, Floats.Random(Elements, 1)));
        return service.Get<SessionRegistry>().Find(id)!;
    }

    private static IncomingBatch Open(TestService service, SessionActor session)
    {
        var batch = new IncomingBatch(session.Definition, NoReply(session), ChunkBytes, service.Memory, session.Staging);
        batch.Begin(Requests.Begin(1, ReplyKind.None));
        return batch;
    }

    private static ReplyPlan NoReply(SessionActor session) =>
        ReplyPlan.Read(new ReplySpec { Kind = ReplyKind.None }, null, session.Definition, ChunkBytes, "reply");

    private static TensorChunk Receive(IncomingBatch batch, TensorChunk chunk, int pieceBytes)
    {
        TensorSink.Use(batch);
        try
        {
            return TensorMarshallers.TrainRequest.ContextualDeserializer(Message(chunk, pieceBytes)).Chunk;
        }
        finally
        {
            TensorSink.Use(null);
        }
    }

    private static SegmentedPayload Message(TensorChunk chunk, int pieceBytes) => new(new TrainRequest { Chunk = chunk }.ToByteArray(), pieceBytes);

    private static byte[] Commit(IncomingBatch batch)
    {
        var (_, staged, refusal) = batch.Commit(new BatchCommit());
        Assert.Null(refusal);
        using (staged)
        {
            var elements = staged!.Gradients[0].Stage.Elements;
            return [.. elements.Bytes(0, (int)elements.ElementCount)];
        }
    }
}
