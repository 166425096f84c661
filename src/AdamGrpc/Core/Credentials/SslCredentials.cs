namespace Grpc.Core;

/// <summary>TLS. Which certificates are trusted and shown is set on the HTTP handler of the channel.</summary>
public sealed class SslCredentials : ChannelCredentials
{
    /// <summary>TLS, with the certificates of the channel's HTTP handler.</summary>
    public SslCredentials()
    {
    }

    internal override bool IsSecure => true;
}
