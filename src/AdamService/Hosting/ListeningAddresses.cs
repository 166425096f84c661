using Adam.Service.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Adam.Service.Hosting;

/// <summary>Where the service really listens: ports that the system picked filled in.</summary>
/// <param name="Grpc">The gRPC endpoint, <c>http://host:port</c>.</param>
/// <param name="Http">The endpoint of the probes.</param>
internal sealed record ListeningAddresses(string Grpc, string Http)
{
    /// <summary>Reads them from a server that has started.</summary>
    public static ListeningAddresses Of(IServer server)
    {
        // Kestrel reports its endpoints in the order in which they were configured: gRPC first.
        var addresses = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ToList();
        return new ListeningAddresses(addresses[0], addresses[1]);
    }
}
