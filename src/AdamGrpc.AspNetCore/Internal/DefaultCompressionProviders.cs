using Grpc.Core.Internal;
using Grpc.Net.Compression;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// Gives a server that nobody gave codings those that every client knows. A server that is to take none clears the list after the
/// configuration, with <c>PostConfigure</c>.
/// </summary>
internal sealed class DefaultCompressionProviders : IConfigureOptions<GrpcServiceOptions>
{
    public void Configure(GrpcServiceOptions options)
    {
        if (options.CompressionProviders.Count == 0)
        {
            foreach (ICompressionProvider provider in MessageCodings.CreateDefaultProviders())
            {
                options.CompressionProviders.Add(provider);
            }
        }
    }
}
