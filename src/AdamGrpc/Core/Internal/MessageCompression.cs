using System.IO.Compression;
using Grpc.Net.Compression;

namespace Grpc.Core.Internal;

/// <summary>How the messages of one direction of a call are compressed.</summary>
/// <param name="Provider">The coding.</param>
/// <param name="Level">How hard to try; null leaves it to the coding.</param>
internal sealed record MessageCompression(ICompressionProvider Provider, CompressionLevel? Level);
