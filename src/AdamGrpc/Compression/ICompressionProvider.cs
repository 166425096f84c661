using System.IO.Compression;

namespace Grpc.Net.Compression;

/// <summary>A coding of messages. One instance serves many calls at the same time.</summary>
public interface ICompressionProvider
{
    /// <summary>The name of the coding in <c>grpc-encoding</c> and <c>grpc-accept-encoding</c>.</summary>
    string EncodingName { get; }

    /// <summary>Makes a stream that compresses one message. Disposing it ends the message.</summary>
    /// <param name="stream">Where the compressed bytes are written.</param>
    /// <param name="compressionLevel">How hard to try; null stands for the provider's own choice.</param>
    Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel);

    /// <summary>Makes a stream that gives one message back.</summary>
    /// <param name="stream">Where the compressed bytes are read: those of one message, and then the end.</param>
    Stream CreateDecompressionStream(Stream stream);
}
