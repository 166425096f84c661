using System.Buffers.Binary;
using Grpc.Core;

namespace Adam.Fuzz.Targets.Messages;

/// <summary>The rules of gRPC's length-prefixed messages, written down once more without pipes.</summary>
/// <param name="lengthMax">The largest message.</param>
/// <param name="hasCoding">Whether compressed messages are understood.</param>
internal sealed class MessageStreamModel(int lengthMax, bool hasCoding)
{
    /// <summary>How many bytes have to have come until the end is known.</summary>
    public int BytesUntilEnd { get; private set; }

    /// <summary>Reads a stream that is all there.</summary>
    public ReadMessages Read(ReadOnlySpan<byte> stream)
    {
        var messages = new List<byte[]>();
        var rest = stream;
        while (true)
        {
            BytesUntilEnd = stream.Length;
            if (rest.Length < 5)
            {
                return new ReadMessages(messages, rest.IsEmpty ? StatusCode.OK : StatusCode.Internal);
            }

            BytesUntilEnd = stream.Length - rest.Length + 5;
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest[1..]);
            if (Refusal(rest[0], length) is { } refused)
            {
                return new ReadMessages(messages, refused);
            }

            BytesUntilEnd = stream.Length;
            if (length > rest.Length - 5)
            {
                return new ReadMessages(messages, StatusCode.Internal);
            }

            BytesUntilEnd = stream.Length - rest.Length + 5 + (int)length;
            var payload = rest.Slice(5, (int)length);
            var message = payload.ToArray();
            if (rest[0] == 1)
            {
                if (payload.Length % 2 != 0)
                {
                    return new ReadMessages(messages, StatusCode.Internal);
                }

                message = RunLengthCoding.Decode(payload);
                if (message.Length > lengthMax)
                {
                    return new ReadMessages(messages, StatusCode.ResourceExhausted);
                }
            }

            messages.Add(message);
            rest = rest[(5 + (int)length)..];
        }
    }

    private StatusCode? Refusal(byte flag, uint length)
    {
        if (flag > 1)
        {
            return StatusCode.Internal;
        }

        if (flag == 1 && !hasCoding)
        {
            return StatusCode.Unimplemented;
        }

        return length > lengthMax ? StatusCode.ResourceExhausted : null;
    }
}
