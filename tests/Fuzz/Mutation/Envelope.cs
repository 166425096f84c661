using System.Buffers;
using Adam.Fuzz.Oracles;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Adam.Fuzz.Mutation;

/// <summary>Several messages in one input: each with a byte that says what it is, and two bytes of length, low byte first.</summary>
internal static class Envelope
{
    /// <summary>Puts messages together. What is longer than 64 KiB is cut.</summary>
    public static byte[] Write(IEnumerable<(byte Kind, byte[] Message)> messages)
    {
        var input = new List<byte>();
        foreach (var (kind, message) in messages)
        {
            var length = Math.Min(message.Length, ushort.MaxValue);
            input.AddRange([kind, (byte)length, (byte)(length >> 8)]);
            input.AddRange(message.AsSpan(0, length));
        }

        return [.. input];
    }

    /// <summary>Takes them apart; any bytes are some messages.</summary>
    public static List<(byte Kind, byte[] Message)> Read(byte[] input, int messagesMax)
    {
        var reader = new InputReader(input);
        var messages = new List<(byte Kind, byte[] Message)>();
        while (!reader.IsEmpty && messages.Count < messagesMax)
        {
            var kind = reader.Byte();
            messages.Add((kind, reader.Take(reader.UInt16()).ToArray()));
        }

        return messages;
    }

    /// <summary>
    /// Parses a message as the runtime does, which turns whatever the parser throws into a status (Google's own throws more than it says, for
    /// varints that end with their buffer); null where it is none.
    /// </summary>
    public static T? Parse<T>(Google.Protobuf.MessageParser<T> parser, byte[] bytes)
        where T : class, IMessage<T>
    {
        try
        {
            return new SequenceDeserializationContext().Deserialize(
                new ReadOnlySequence<byte>(bytes), context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.Internal)
        {
            return null;
        }
    }
}
