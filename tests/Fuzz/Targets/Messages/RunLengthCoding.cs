using System.IO.Compression;
using Grpc.Net.Compression;

namespace Adam.Fuzz.Targets.Messages;

/// <summary>
/// A coding whose right answer is easy to tell: pairs of a count, of which four bits count, and a byte that is repeated so often. Few bytes
/// make many, as in any coding.
/// </summary>
internal sealed class RunLengthCoding : ICompressionProvider
{
    // More than any input has.
    private const int SourceBytesMax = 8 << 10;

    // More would make the checks themselves large.
    private const int CountMask = 15;

    public string EncodingName => "run-length";

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) => throw new NotSupportedException();

    public Stream CreateDecompressionStream(Stream stream)
    {
        Span<byte> buffer = stackalloc byte[SourceBytesMax];
        var length = 0;
        for (var read = -1; read != 0; length += read)
        {
            read = stream.Read(buffer[length..]);
        }

        var source = buffer[..length];
        var content = source.Length % 2 == 0 ? Decode(source) : throw new InvalidDataException("Half a pair.");
        return new MemoryStream(content);
    }

    /// <summary>The message of whole pairs.</summary>
    public static byte[] Decode(ReadOnlySpan<byte> pairs)
    {
        var length = 0;
        for (var i = 0; i + 1 < pairs.Length; i += 2)
        {
            length += pairs[i] & CountMask;
        }

        var (content, end) = (new byte[length], 0);
        for (var i = 0; i + 1 < pairs.Length; i += 2)
        {
            content.AsSpan(end, pairs[i] & CountMask).Fill(pairs[i + 1]);
            end += pairs[i] & CountMask;
        }

        return content;
    }
}
