using System.Buffers.Binary;
using System.IO.Compression;

namespace AdamGrpc.Tests.Support;

/// <summary>Compressed messages as they are on the wire, made without the runtime under test.</summary>
public static class Gzip
{
    private const int PrefixBytes = 5;

    /// <summary>A message, compressed, with its prefix.</summary>
    public static byte[] Frame(byte[] message)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.SmallestSize))
        {
            gzip.Write(message);
        }

        return WithPrefix(1, compressed.ToArray());
    }

    /// <summary>Bytes behind a prefix.</summary>
    public static byte[] WithPrefix(byte flag, byte[] payload)
    {
        byte[] frame = new byte[PrefixBytes + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, PrefixBytes);
        return frame;
    }

    /// <summary>Takes a body apart into its messages, which are inflated where their prefix says that they are compressed.</summary>
    public static List<(byte Flag, byte[] Message)> Split(byte[] body)
    {
        List<(byte, byte[])> messages = [];
        for (int i = 0; i < body.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(i + 1));
            byte[] payload = body[(i + PrefixBytes)..(i + PrefixBytes + length)];
            messages.Add((body[i], body[i] == 0 ? payload : Inflate(payload)));
            i += PrefixBytes + length;
        }

        return messages;
    }

    private static byte[] Inflate(byte[] compressed)
    {
        using GZipStream gzip = new(new MemoryStream(compressed), CompressionMode.Decompress);
        using MemoryStream message = new();
        gzip.CopyTo(message);
        return message.ToArray();
    }
}
