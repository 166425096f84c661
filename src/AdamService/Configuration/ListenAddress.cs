using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Adam.Service.Configuration;

/// <summary>Where to listen, read from <c>http://address:port</c>, <c>https://address:port</c> or <c>unix:/path</c>.</summary>
/// <param name="EndPoint">The end point.</param>
/// <param name="IsTls">Whether TLS is spoken there.</param>
internal sealed record ListenAddress(EndPoint EndPoint, bool IsTls)
{
    // The kernel's sun_path has 108 bytes, and the last one is a zero.
    private const int SocketPathBytesMax = 107;
    private const string UnixPrefix = "unix:";

    /// <summary>The file of a Unix domain socket; null for an IP address.</summary>
    public string? SocketPath => EndPoint is UnixDomainSocketEndPoint unix ? unix.ToString() : null;

    /// <summary>Whether nobody on another machine can reach it.</summary>
    public bool IsLocal => EndPoint is UnixDomainSocketEndPoint || (EndPoint is IPEndPoint ip && IPAddress.IsLoopback(ip.Address));

    /// <summary>
    /// Accepts an IP address, <c>localhost</c> (the IPv4 loopback) or <c>*</c> (every IPv4 address), with a port from 0 to 65535; or the
    /// absolute path of a Unix domain socket, which has no TLS.
    /// </summary>
    public static bool TryParse(string? url, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = url is not null && url.StartsWith(UnixPrefix, StringComparison.Ordinal) ? ReadUnix(url) : ReadIP(url);
        return address is not null;
    }

    private static ListenAddress? ReadUnix(string url)
    {
        // Like the targets of gRPC clients: unix:/path and unix:///path.
        var path = url[UnixPrefix.Length..];
        path = path.StartsWith("///", StringComparison.Ordinal) ? path[2..] : path;
        return path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.EndsWith('/')
            && !path.Contains('\0', StringComparison.Ordinal) && Encoding.UTF8.GetByteCount(path) <= SocketPathBytesMax
            ? new ListenAddress(new UnixDomainSocketEndPoint(path), IsTls: false)
            : null;
    }

    private static ListenAddress? ReadIP(string? url)
    {
        // Uri does not accept the star that the hosting world uses for "every address".
        var text = url?.Replace("://*", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            || uri.PathAndQuery != "/")
        {
            return null;
        }

        var host = uri.Host == "localhost" ? "127.0.0.1" : uri.Host.Trim('[', ']');
        return IPAddress.TryParse(host, out var address)
            ? new ListenAddress(new IPEndPoint(address, uri.Port), uri.Scheme == Uri.UriSchemeHttps)
            : null;
    }
}
