using System.IO.Compression;
using Grpc.Net.Compression;

namespace AdamGrpc.Interop.Compression;

/// <summary>
/// Gzip, and a count of the messages that were decompressed. Nothing else in the official API tells a message that came compressed from
/// one that did not.
/// </summary>
/// <param name="onMessage">Called with each message that is decompressed, in the flow of the call that reads it.</param>
internal sealed class CountingGzip(Action onMessage) : ICompressionProvider
{
    private readonly GzipCompressionProvider _gzip = new(CompressionLevel.Fastest);

    public string EncodingName => _gzip.EncodingName;

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        _gzip.CreateCompressionStream(stream, compressionLevel);

    public Stream CreateDecompressionStream(Stream stream)
    {
        onMessage();
        return _gzip.CreateDecompressionStream(stream);
    }
}
