using Adam.Fuzz.Oracles;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Fuzz.Targets.Requests;

/// <summary>Takes the responses of a stream, each of which has to be a message that can be read.</summary>
internal sealed class ResponseCheck<T> : IServerStreamWriter<T>
    where T : IMessage<T>
{
    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message)
    {
        Check(message);
        return Task.CompletedTask;
    }

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return WriteAsync(message);
    }

    /// <summary>Holds a response against the rules.</summary>
    public static void Check(T message)
    {
        var bytes = message.ToByteArray();
        OracleException.ThrowUnless(bytes.Length == message.CalculateSize(), "A response is not as long as it says.");
        message.Descriptor.Parser.ParseFrom(bytes);
    }
}
