using System.IO.Compression;
using Grpc.Net.Compression.Internal;

namespace Grpc.Net.Compression;

/// <summary>The coding <c>gzip</c> (RFC 1952).</summary>
/// <param name="defaultCompressionLevel">How hard to try where nothing else is said.</param>
public sealed class GzipCompressionProvider(CompressionLevel defaultCompressionLevel) : ICompressionProvider
{
    // The header, the shortest block, and the trailer.
    private const int BytesMin = 10 + 2 + 8;

    /// <inheritdoc/>
    public string EncodingName => "gzip";

    /// <inheritdoc/>
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new GZipStream(stream, compressionLevel ?? defaultCompressionLevel, leaveOpen: true);

    /// <inheritdoc/>
    public Stream CreateDecompressionStream(Stream stream)
    {
        // A message ends with the number of its bytes, modulo 2^32 (RFC 1952, ISIZE). The zeros of a header alone would say so of none.
        CompressedSource source = new(stream);
        return new WholeMessageStream(
            new GZipStream(source, CompressionMode.Decompress, leaveOpen: true),
            length => source.Length >= BytesMin && source.LastFour == unchecked((uint)length));
    }
}
