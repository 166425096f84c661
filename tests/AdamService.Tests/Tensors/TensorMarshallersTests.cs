using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Service.Tests.Tensors;

/// <summary>The hand-written marshallers read and write exactly what the generated ones do.</summary>
public sealed class TensorMarshallersTests
{
    private static readonly int[] SegmentSizes = [1, 7, 4096, int.MaxValue];

    private static readonly ByteString Elements = ByteString.CopyFrom([.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))]);

    public static TheoryData<string, byte[]> Messages
    {
        get
        {
            var chunk = new TensorChunk { TensorIndex = 300, Slot = Slot.FirstMoment, Offset = 1UL << 40, Dtype = DType.Float16, Data = Elements };
            byte[] plain = new TrainRequest { Chunk = chunk }.ToByteArray();
            byte[] data = [0x7A, 0x88, 0x27, .. Elements.Span];
            return new TheoryData<string, byte[]>
            {
                { "everything set", plain },
                { "data alone", new TrainRequest { Chunk = new TensorChunk { Data = Elements } }.ToByteArray() },
                { "no data", new TrainRequest { Chunk = new TensorChunk { Offset = 3 } }.ToByteArray() },
                { "rows", new TrainRequest { Chunk = new TensorChunk { Data = Elements, RowIds = new RowIds { Ids = { 1, 2 } } } }.ToByteArray() },
                { "rows of every length", Rows([0, 1, 127, 128, 300, 1L << 40, long.MaxValue, -1, long.MinValue]) },
                { "as many rows as bytes", Rows([.. Enumerable.Range(0, 5000).Select(row => (long)row)]) },
                { "no rows", new TrainRequest { Chunk = new TensorChunk { Data = Elements, RowIds = new RowIds() } }.ToByteArray() },
                { "rows twice", Chunk([0x32, 0x03, 0x0A, 0x01, 0x05, 0x32, 0x03, 0x0A, 0x01, 0x06, .. data]) },
                { "rows that are not packed", Chunk([0x32, 0x04, 0x08, 0x05, 0x08, 0x06, .. data]) },
                { "an unknown field of rows", Chunk([0x32, 0x05, 0x0A, 0x01, 0x05, 0x10, 0x01, .. data]) },
                { "codec", new TrainRequest { Chunk = new TensorChunk { Data = Elements, Codec = new ChunkCodec { Name = "zstd" } } }.ToByteArray() },
                { "begin", new TrainRequest { Begin = new BatchBegin { Sequence = 3, ListedTensors = Listed(4000) } }.ToByteArray() },
                { "an index of 64 bits", Chunk([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, .. data]) },
                { "an index twice", Chunk([0x08, 0x01, 0x08, 0x02, .. data]) },
                { "a negative slot", Chunk([0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, .. data]) },
                { "elements first", Chunk([.. data, 0x18, 0x05]) },
                { "elements twice", Chunk([.. data, .. data]) },
                { "an unknown field", Chunk([0xF8, 0x01, 0x01, .. data]) },
                { "an unknown low field", Chunk([0x48, 0x01, .. data]) },
                { "two chunks", [.. plain, .. plain] },
                { "a chunk and a commit", [.. plain, .. new TrainRequest { Commit = new BatchCommit { ClientCursor = Elements } }.ToByteArray()] },
                { "an unknown field behind", [.. plain, 0xF8, 0x01, 0x01] },
            };
        }
    }

    public static TheoryData<string, byte[]> Garbage
    {
        get
        {
            byte[] plain = new TrainRequest { Chunk = new TensorChunk { Offset = 3, Data = Elements } }.ToByteArray();
            return new TheoryData<string, byte[]>
            {
                { "cut off", plain[..^1] },
                { "a chunk that is too short", [0x1A, 0x01, .. Elements.Span] },
                { "elements that are too long", Chunk([0x7A, 0xFF, 0xFF, 0x7F, .. Elements.Span]) },
                { "an endless number", Chunk([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x7A, 0x88, 0x27, .. Elements.Span]) },
                { "rows that end within an id", Chunk([0x32, 0x03, 0x0A, 0x01, 0x85, 0x7A, 0x88, 0x27, .. Elements.Span]) },
                { "an id of eleven bytes", Chunk([0x32, 0x0D, 0x0A, 0x0B, 0x85, 0x85, 0x85, 0x85, 0x85, 0x85, 0x85, 0x85, 0x85, 0x85, 0x01, 0x7A, 0x88, 0x27, .. Elements.Span]) },
                { "field zero", Chunk([0x00, 0x01, 0x7A, 0x88, 0x27, .. Elements.Span]) },
            };
        }
    }

    [Fact]
    public void Deserialize_MoreRowsThanBytes_ReadsNoMoreThanShowThat()
    {
        var message = new TrainRequest { Chunk = new TensorChunk { Data = ByteString.CopyFrom(1, 2, 3, 4), RowIds = new RowIds { Ids = { new long[1_000_000] } } } };

        var read = TensorMarshallers.TrainRequest.ContextualDeserializer(new SegmentedPayload(message.ToByteArray(), 4096));

        Assert.InRange(read.Chunk.RowIds.Ids.Count, 5, 10);
        Assert.Equal(message.Chunk.Data, read.Chunk.Data);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Deserialize_InPiecesOfEverySize_GivesWhatTheGeneratedParserDoes(string what, byte[] message)
    {
        var expected = TrainRequest.Parser.ParseFrom(message);
        foreach (var size in SegmentSizes)
        {
            var read = TensorMarshallers.TrainRequest.ContextualDeserializer(new SegmentedPayload(message, size));

            Assert.True(expected.Equals(read), $"{what}, in pieces of {size}: {read}");
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Serialize_WithAndWithoutMemoryOfItsOwn_GivesTheBytesOfTheGeneratedCode(string what, byte[] message)
    {
        var request = TrainRequest.Parser.ParseFrom(message);
        var expected = request.ToByteArray();
        foreach (var takesMemory in new[] { true, false })
        {
            var context = new PiecedPayload(takesMemory);

            TensorMarshallers.TrainRequest.ContextualSerializer(request, context);

            Assert.True(context.IsComplete);
            Assert.Equal(expected.Length, context.AnnouncedLength);
            Assert.True(expected.AsSpan().SequenceEqual(context.Bytes), $"{what}: {context.Bytes.Length} bytes, {context.References.Count} references");
            Assert.True(takesMemory || context.References.Count == 0);
        }
    }

    [Fact]
    public void Serialize_ChunkOfEveryMessage_RefersToItsElements()
    {
        var chunk = new TensorChunk { TensorIndex = 1, Slot = (Slot)(-5), Offset = ulong.MaxValue, Dtype = DType.Bfloat16, Data = Elements };

        AssertRefers(TensorMarshallers.TrainRequest, new TrainRequest { Chunk = chunk });
        AssertRefers(TensorMarshallers.TrainResponse, new TrainResponse { Chunk = chunk });
        AssertRefers(TensorMarshallers.WriteTensorsRequest, new WriteTensorsRequest { Chunk = chunk });
        AssertRefers(TensorMarshallers.ReadTensorsResponse, new ReadTensorsResponse { Chunk = chunk });
    }

    [Theory]
    [MemberData(nameof(Garbage))]
    public void Deserialize_Garbage_IsRefusedAsByTheGeneratedParser(string what, byte[] message)
    {
        Assert.Throws<InvalidProtocolBufferException>(() => TrainRequest.Parser.ParseFrom(message));
        foreach (var size in SegmentSizes)
        {
            var refused = Record.Exception(() => TensorMarshallers.TrainRequest.ContextualDeserializer(new SegmentedPayload(message, size)));

            Assert.True(refused is InvalidProtocolBufferException, $"{what}, in pieces of {size}: {refused}");
        }
    }

    [Fact]
    public void Deserialize_EveryMessageWithTensors_KnowsWhereItsChunkIs()
    {
        var chunk = new TensorChunk { Offset = 3, Data = Elements };

        AssertReadsAPooledChunk(TensorMarshallers.TrainRequest, new TrainRequest { Chunk = chunk }, message => message.Chunk);
        AssertReadsAPooledChunk(TensorMarshallers.TrainResponse, new TrainResponse { Chunk = chunk }, message => message.Chunk);
        AssertReadsAPooledChunk(TensorMarshallers.WriteTensorsRequest, new WriteTensorsRequest { Chunk = chunk }, message => message.Chunk);
        AssertReadsAPooledChunk(TensorMarshallers.ReadTensorsResponse, new ReadTensorsResponse { Chunk = chunk }, message => message.Chunk);
    }

    [Fact]
    public void Bind_TheService_PutsTheseMarshallersInPlaceOfTheGeneratedOnes()
    {
        var binder = new Recorder();

        TensorMethods.Bind(binder, null);

        Assert.Equal(Training.Descriptor.Methods.Select(method => method.Name).Order(), binder.Methods.Select(method => method.Name).Order());
        Assert.All(new IMethod[] { TensorMethods.Train, TensorMethods.WriteTensors, TensorMethods.ReadTensors }, method => Assert.Contains(method, binder.Methods));
    }

    private static void AssertRefers<T>(Marshaller<T> marshaller, T message)
        where T : IMessage<T>
    {
        var context = new PiecedPayload(takesMemory: true);

        marshaller.ContextualSerializer(message, context);

        Assert.Equal(Elements.Memory, Assert.Single(context.References));
        Assert.Equal(message.ToByteArray(), context.Bytes);
    }

    private static void AssertReadsAPooledChunk<T>(Marshaller<T> marshaller, T message, Func<T, TensorChunk> chunkOf)
        where T : IMessage<T>
    {
        var read = marshaller.ContextualDeserializer(new SegmentedPayload(message.ToByteArray(), 100));

        Assert.True(message.Equals(read));
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetMemoryManager<byte, TensorPayload>(chunkOf(read).Data.Memory, out _));
    }

    private static byte[] Chunk(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteRawTag(0x1A);
            output.WriteLength(content.Length);
        }

        stream.Write(content);
        return stream.ToArray();
    }

    private static byte[] Rows(long[] ids) =>
        new TrainRequest { Chunk = new TensorChunk { Data = Elements, RowIds = new RowIds { Ids = { ids } } } }.ToByteArray();

    private static TensorIndexes Listed(int count)
    {
        var listed = new TensorIndexes();
        listed.Indexes.Add(Enumerable.Range(0, count).Select(i => (uint)i));
        return listed;
    }

    private sealed class Recorder : ServiceBinderBase
    {
        public List<IMethod> Methods { get; } = [];

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) => Methods.Add(method);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) => Methods.Add(method);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) => Methods.Add(method);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) => Methods.Add(method);
    }
}
