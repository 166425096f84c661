using System.Buffers.Binary;

namespace Adam.Service.Connections;

/// <summary>The nine bytes before every HTTP/2 frame (RFC 9113, section 4.1).</summary>
/// <param name="Length">The payload in bytes, below 2^24.</param>
/// <param name="Type">The type, which may be an unknown one.</param>
/// <param name="Flags">What they mean depends on the type.</param>
/// <param name="StreamId">The stream; 0 is the connection.</param>
internal readonly record struct Http2FrameHeader(int Length, Http2FrameType Type, byte Flags, int StreamId)
{
    /// <summary>The size of the header in bytes.</summary>
    public const int Size = 9;

    private const byte EndStream = 0x1;
    private const byte EndHeaders = 0x4;
    private const byte Padded = 0x8;
    private const byte WithPriority = 0x20;
    private const int PadLengthBytes = 1;
    private const int PriorityBytes = 5;

    /// <summary>Whether the sender sends nothing more on this stream.</summary>
    public bool EndsStream => Type is Http2FrameType.Data or Http2FrameType.Headers && (Flags & EndStream) != 0;

    /// <summary>
    /// Whether a DATA, HEADERS or CONTINUATION frame does nothing: no content and no end of anything. The empty DATA frame that ends a
    /// request is not one of them.
    /// </summary>
    public bool IsIdle => Type switch
    {
        Http2FrameType.Data => (Flags & EndStream) == 0 && Length - PaddingBytes <= 0,
        Http2FrameType.Headers => (Flags & EndHeaders) == 0
            && Length - PaddingBytes - ((Flags & WithPriority) != 0 ? PriorityBytes : 0) <= 0,
        Http2FrameType.Continuation => (Flags & EndHeaders) == 0 && Length == 0,
        _ => false,
    };

    // The padding itself is paid for by its sender like content; only the byte that announces it comes for nothing.
    private int PaddingBytes => (Flags & Padded) != 0 ? PadLengthBytes : 0;

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">Nine bytes or more.</param>
    public static Http2FrameHeader Parse(ReadOnlySpan<byte> bytes) => new(
        (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes) >> 8),
        (Http2FrameType)bytes[3],
        bytes[4],
        BinaryPrimitives.ReadInt32BigEndian(bytes[5..]) & int.MaxValue);
}
