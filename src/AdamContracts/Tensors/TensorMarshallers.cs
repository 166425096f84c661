using System.Buffers;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.V1;

/// <summary>
/// Marshallers of the messages that carry tensors. On the wire they are what the generated ones are; elements are received into memory that is
/// used again (<see cref="TensorPayload"/>), and sent from where they lie where the transport offers that (<see cref="ChunkWriter"/>).
/// </summary>
public static class TensorMarshallers
{
    /// <summary>Where a chunk is smaller, copying its elements into the message costs nothing that shows.</summary>
    internal const int BytesMin = 4096;

    /// <summary>What a trainer sends.</summary>
    public static Marshaller<TrainRequest> TrainRequest { get; } = Create(
        V1.TrainRequest.Parser, V1.TrainRequest.ChunkFieldNumber, static message => message.Chunk, static chunk => new TrainRequest { Chunk = chunk });

    /// <summary>What a trainer receives.</summary>
    public static Marshaller<TrainResponse> TrainResponse { get; } = Create(
        V1.TrainResponse.Parser, V1.TrainResponse.ChunkFieldNumber, static message => message.Chunk, static chunk => new TrainResponse { Chunk = chunk });

    /// <summary>What is written.</summary>
    public static Marshaller<WriteTensorsRequest> WriteTensorsRequest { get; } = Create(
        V1.WriteTensorsRequest.Parser,
        V1.WriteTensorsRequest.ChunkFieldNumber,
        static message => message.Chunk,
        static chunk => new WriteTensorsRequest { Chunk = chunk });

    /// <summary>What is read.</summary>
    public static Marshaller<ReadTensorsResponse> ReadTensorsResponse { get; } = Create(
        V1.ReadTensorsResponse.Parser,
        V1.ReadTensorsResponse.ChunkFieldNumber,
        static message => message.Chunk,
        static chunk => new ReadTensorsResponse { Chunk = chunk });

    /// <summary>A marshaller as the generated code has them.</summary>
    /// <typeparam name="T">The message.</typeparam>
    /// <param name="parser">Its parser.</param>
    public static Marshaller<T> Of<T>(MessageParser<T> parser)
        where T : class, IMessage<T> => new((message, context) => Write(message, null, 0, context), context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));

    private static Marshaller<T> Create<T>(MessageParser<T> parser, int field, Func<T, TensorChunk?> find, Func<TensorChunk, T> wrap)
        where T : class, IMessage<T> => new(
            (message, context) => Write(message, find(message), field, context),
            context =>
            {
                ReadOnlySequence<byte> message = context.PayloadAsReadOnlySequence();
                return ChunkReader.TryRead(message, field) is { } chunk ? wrap(chunk) : parser.ParseFrom(message);
            });

    // The announced length lets the message go straight to where it is sent from.
    private static void Write<T>(T message, TensorChunk? chunk, int field, SerializationContext context)
        where T : IMessage
    {
        int bytes = message.CalculateSize();
        context.SetPayloadLength(bytes);
        IBufferWriter<byte> writer = context.GetBufferWriter();
        if (chunk is null || !ChunkWriter.TryWrite(chunk, field, bytes, writer))
        {
            message.WriteTo(writer);
        }

        context.Complete();
    }
}
