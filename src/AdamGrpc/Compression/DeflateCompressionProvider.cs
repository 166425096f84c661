using System.IO.Compression;
using Grpc.Net.Compression.Internal;

namespace Grpc.Net.Compression;

/// <summary>The coding <c>deflate</c>, which as in HTTP is the format of zlib (RFC 1950) and not bare deflate (RFC 1951).</summary>
/// <param name="defaultCompressionLevel">How hard to try where nothing else is said.</param>
public sealed class DeflateCompressionProvider(CompressionLevel defaultCompressionLevel) : ICompressionProvider
{
    /// <inheritdoc/>
    public string EncodingName => "deflate";

    /// <inheritdoc/>
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new ZLibStream(stream, compressionLevel ?? defaultCompressionLevel, leaveOpen: true);

    /// <inheritdoc/>
    public Stream CreateDecompressionStream(Stream stream)
    {
        // Nobody looks behind a message that is complete, since nothing may follow it.
        CompressedSource source = new(stream);
        return new WholeMessageStream(new ZLibStream(source, CompressionMode.Decompress, leaveOpen: true), _ => !source.IsAtEnd);
    }
}
