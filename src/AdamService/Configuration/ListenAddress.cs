using System.Net;

namespace Adam.Service.Configuration;

/// <summary>Reads <c>http://address:port</c> into the end point to listen on.</summary>
internal static class ListenAddress
{
    /// <summary>
    /// Accepts an IP address, <c>localhost</c> (the IPv4 loopback) or <c>*</c> (every address), with a port from 0 to 65535.
    /// </summary>
    public static bool TryParse(string? url, out IPEndPoint endPoint)
    {
        endPoint = new IPEndPoint(IPAddress.None, 0);

        // Uri does not accept the star that the hosting world uses for "every address".
        var text = url?.Replace("://*", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
        {
            return false;
        }

        var host = uri.Host == "localhost" ? "127.0.0.1" : uri.Host.Trim('[', ']');
        if (!IPAddress.TryParse(host, out var address))
        {
            return false;
        }

        endPoint = new IPEndPoint(address, uri.Port);
        return true;
    }
}
