using System.Security.Authentication;

namespace Adam.Service.Tls;

/// <summary>The versions of TLS that an operator may choose from.</summary>
internal static class TlsVersions
{
    /// <summary>Reads the lowest version, <c>1.2</c> or <c>1.3</c>, into all that are allowed.</summary>
    public static bool TryParse(string? minimum, out SslProtocols protocols)
    {
        protocols = minimum switch
        {
            "1.2" => SslProtocols.Tls12 | SslProtocols.Tls13,
            "1.3" => SslProtocols.Tls13,
            _ => SslProtocols.None,
        };
        return protocols != SslProtocols.None;
    }
}
