using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Adam.Service.Hosting;

/// <summary>Where the service really listens: ports that the system picked filled in.</summary>
/// <param name="Grpc">The gRPC endpoint, <c>http://host:port</c>, <c>https://host:port</c> or <c>unix:/path</c>.</param>
/// <param name="Http">The endpoint of the probes.</param>
/// <param name="GrpcWeb">The endpoint of gRPC-Web, where it has one of its own; otherwise null.</param>
internal sealed record ListeningAddresses(string Grpc, string Http, string? GrpcWeb)
{
    // Kestrel writes Unix domain sockets so; gRPC clients expect unix:/path.
    private const string KestrelUnixPrefix = "http://unix:";

    /// <summary>Reads them from a server that has started.</summary>
    public static ListeningAddresses Of(IServer server)
    {
        // Kestrel reports its endpoints in the order in which they were configured: gRPC first.
        var addresses = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(Write).ToList();
        return new ListeningAddresses(addresses[0], addresses[1], addresses.ElementAtOrDefault(2));
    }

    private static string Write(string address) => address.StartsWith(KestrelUnixPrefix, StringComparison.Ordinal)
        ? "unix:" + address[KestrelUnixPrefix.Length..]
        : address;
}
