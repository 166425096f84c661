using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;

namespace Adam.Service.Tests.Attacks;

/// <summary>HTTP/2 frames as bytes, also those that no real client sends (RFC 9113, sections 4 and 6).</summary>
internal static class Frames
{
    public const byte Data = 0;
    public const byte HeadersType = 1;
    public const byte PriorityType = 2;
    public const byte RstStreamType = 3;
    public const byte SettingsType = 4;
    public const byte PingType = 6;
    public const byte GoAwayType = 7;
    public const byte WindowUpdateType = 8;
    public const byte ContinuationType = 9;

    public const byte EndStream = 0x1;
    public const byte Ack = 0x1;
    public const byte EndHeaders = 0x4;

    public const ushort HeaderTableSize = 1;
    public const ushort InitialWindowSize = 4;

    public static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();
    public static readonly byte[] Ping = Of(PingType, 0, 0, new byte[8]);
    public static readonly byte[] Settings = Of(SettingsType, 0, 0);

    public static byte[] Of(byte type, byte flags, int stream, ReadOnlySpan<byte> payload = default)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    public static byte[] Setting(ushort name, uint value)
    {
        var payload = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(payload, name);
        BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan(2), value);
        return Of(SettingsType, 0, 0, payload);
    }

    public static byte[] RstStream(int stream, uint code) => Of(RstStreamType, 0, stream, Number(code));

    public static byte[] WindowUpdate(int stream, uint increment) => Of(WindowUpdateType, 0, stream, Number(increment));

    public static byte[] Priority(int stream) => Of(PriorityType, 0, stream, new byte[5]);

    /// <summary>The headers of a call of one method.</summary>
    /// <param name="stream">An odd number.</param>
    /// <param name="path"><c>/service/method</c>.</param>
    /// <param name="flags">Whether the headers or the stream end here.</param>
    /// <param name="more">Bytes of HPACK after these headers.</param>
    public static byte[] Headers(int stream, string path, byte flags = EndHeaders, ReadOnlySpan<byte> more = default) =>
        Of(HeadersType, flags, stream, [
            .. Literal(":method", "POST"), .. Literal(":scheme", "http"), .. Literal(":path", path), .. Literal(":authority", "x"),
            .. Literal("content-type", "application/grpc"), .. Literal("te", "trailers"), .. more,
        ]);

    /// <summary>A message of gRPC in one DATA frame.</summary>
    public static byte[] Message(int stream, IMessage message, byte flags = EndStream) => Of(Data, flags, stream, Prefixed(message));

    /// <summary>A message of gRPC with its prefix.</summary>
    public static byte[] Prefixed(IMessage message)
    {
        var bytes = message.ToByteArray();
        return [0, .. Number((uint)bytes.Length), .. bytes];
    }

    /// <summary>A header as a literal without indexing (RFC 7541, section 6.2.2).</summary>
    public static byte[] Literal(string name, string value) => [0, .. Text(name), .. Text(value)];

    /// <summary>A header that goes into the dynamic table (RFC 7541, section 6.2.1).</summary>
    public static byte[] Indexed(string name, string value) => [0x40, .. Text(name), .. Text(value)];

    /// <summary>The same frame many times.</summary>
    public static byte[] Repeat(byte[] frame, int count) => [.. Enumerable.Repeat(frame, count).SelectMany(bytes => bytes)];

    private static byte[] Text(string text) => [.. Length(text.Length), .. Encoding.ASCII.GetBytes(text)];

    // An integer with a prefix of seven bits (RFC 7541, section 5.1).
    private static byte[] Length(int length)
    {
        if (length < 127)
        {
            return [(byte)length];
        }

        var bytes = new List<byte> { 127 };
        for (length -= 127; length >= 128; length >>= 7)
        {
            bytes.Add((byte)(length | 128));
        }

        bytes.Add((byte)length);
        return [.. bytes];
    }

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
