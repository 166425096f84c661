using System.IO.Compression;
using Adam.Service.Tests.Attacks;
using Grpc.Core;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>Calls whose message is not what it seems.</summary>
internal static class BadMessages
{
    /// <summary>How many on a connection.</summary>
    public const int Count = 20;

    private const byte Compressed = 1;
    private const int RandomBytes = 1024;
    private const int BombBytes = 8 << 20;

    /// <summary>Messages that inflate a thousandfold, beyond the largest that may come.</summary>
    public static Calls Bombs()
    {
        var body = Prefixed(Compressed, Deflate(new byte[BombBytes]));
        return new Calls(
            Count,
            stream =>
            [
                .. Frames.Headers(stream, Paths.ListSessions, Frames.EndHeaders, Frames.Literal("grpc-encoding", "gzip")),
                .. Frames.Of(Frames.Data, Frames.EndStream, stream, body),
            ],
            StatusCode.ResourceExhausted);
    }

    /// <summary>Messages of random bytes.</summary>
    public static Calls RandomMessages()
    {
        var random = new Random(1);
        return new Calls(
            Count,
            stream =>
            {
                var bytes = new byte[RandomBytes];
                lock (random)
                {
                    random.NextBytes(bytes);
                }

                return [.. Frames.Headers(stream, Paths.ListSessions), .. Frames.Of(Frames.Data, Frames.EndStream, stream, Prefixed(0, bytes))];
            },
            expected: null);
    }

    private static byte[] Prefixed(byte flag, byte[] message) =>
        [flag, (byte)(message.Length >> 24), (byte)(message.Length >> 16), (byte)(message.Length >> 8), (byte)message.Length, .. message];

    private static byte[] Deflate(byte[] bytes)
    {
        using var deflated = new MemoryStream();
        using (var gzip = new GZipStream(deflated, CompressionLevel.SmallestSize))
        {
            gzip.Write(bytes);
        }

        return deflated.ToArray();
    }
}
