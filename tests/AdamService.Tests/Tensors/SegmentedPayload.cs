using System.Buffers;
using Grpc.Core;

namespace Adam.Service.Tests.Tensors;

/// <summary>A received message in pieces.</summary>
internal sealed class SegmentedPayload(byte[] message, int segmentBytes) : DeserializationContext
{
    public override int PayloadLength => message.Length;

    public override byte[] PayloadAsNewBuffer() => [.. message];

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence()
    {
        Segment? first = null;
        Segment? last = null;
        for (var start = 0; start < message.Length; start += segmentBytes)
        {
            last = new Segment(message.AsMemory(start, Math.Min(segmentBytes, message.Length - start)), last);
            first ??= last;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            RunningIndex = before is null ? 0 : before.RunningIndex + before.Memory.Length;
            if (before is not null)
            {
                before.Next = this;
            }
        }
    }
}
