using System.IO.Compression;
using Grpc.Net.Compression;

namespace Grpc.Core.Internal;

/// <summary>The codings of messages that one side understands, by their names.</summary>
internal sealed class MessageCodings
{
    private readonly Dictionary<string, ICompressionProvider> _providers = new(StringComparer.Ordinal);

    /// <param name="providers">The codings beside <c>identity</c>. Of several with one name the first counts.</param>
    public MessageCodings(IEnumerable<ICompressionProvider> providers)
    {
        List<string> names = [GrpcProtocol.IdentityEncoding];
        foreach (ICompressionProvider provider in providers)
        {
            if (_providers.TryAdd(provider.EncodingName, provider))
            {
                names.Add(provider.EncodingName);
            }
        }

        // Without spaces: there are peers that split at the comma and look no further.
        AcceptEncoding = string.Join(',', names);
    }

    /// <summary>The value of <see cref="GrpcProtocol.AcceptEncodingHeader"/>.</summary>
    public string AcceptEncoding { get; }

    /// <summary>The codings of a side that nobody configured.</summary>
    public static IList<ICompressionProvider> CreateDefaultProviders() =>
    [
        new GzipCompressionProvider(CompressionLevel.Fastest),
        new DeflateCompressionProvider(CompressionLevel.Fastest),
    ];

    /// <summary>Whether a name, or the lack of one, stands for messages as they are.</summary>
    public static bool IsIdentity(string? name) => string.IsNullOrEmpty(name) || name == GrpcProtocol.IdentityEncoding;

    /// <summary>Whether the value of <see cref="GrpcProtocol.AcceptEncodingHeader"/> names a coding.</summary>
    public static bool Accepts(string? acceptEncoding, string name)
    {
        foreach (Range part in acceptEncoding.AsSpan().Split(','))
        {
            if (acceptEncoding.AsSpan(part).Trim().Equals(name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The coding of a name; null when there is none.</summary>
    public ICompressionProvider? Find(string name) => _providers.GetValueOrDefault(name);
}
