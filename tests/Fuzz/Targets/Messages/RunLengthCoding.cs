using System.IO.Compression;
using Grpc.Net.Compression;

namespace Adam.Fuzz.Targets.Messages;

/// <summary>
/// A coding whose right answer is easy to tell: pairs of a count and a byte that is repeated so often. Few bytes make many, as in any coding.
/// </summary>
internal sealed class RunLengthCoding : ICompressionProvider
{
    public string EncodingName => "run-length";

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) => throw new NotSupportedException();

    public Stream CreateDecompressionStream(Stream stream)
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        var source = bytes.ToArray();
        var content = source.Length % 2 == 0 ? Decode(source) : throw new InvalidDataException("Half a pair.");
        return new MemoryStream(content);
    }

    /// <summary>The message of whole pairs.</summary>
    public static byte[] Decode(ReadOnlySpan<byte> pairs)
    {
        var content = new List<byte>();
        for (var i = 0; i + 1 < pairs.Length; i += 2)
        {
            for (var left = pairs[i]; left > 0; left--)
            {
                content.Add(pairs[i + 1]);
            }
        }

        return [.. content];
    }
}
