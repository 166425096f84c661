using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Adam.Service.CommandLine;

/// <summary>Whom the health check, and other commands that call a service, believe.</summary>
internal static class ProbeTrust
{
    /// <summary>How to shake hands with a service.</summary>
    /// <param name="address">Where it is asked.</param>
    /// <param name="caFile">Certificates of authorities; null for the rule of the address.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It holds something else.</exception>
    public static SslClientAuthenticationOptions Of(Uri address, string? caFile)
    {
        var handshake = new SslClientAuthenticationOptions();
        if (caFile is not null)
        {
            handshake.CertificateChainPolicy = Only(caFile);
        }
        else if (address.IsLoopback)
        {
            // The certificate is for the name that clients know, which is not this one; and the question holds nothing secret.
            handshake.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        }

        return handshake;
    }

    /// <summary>Certificates that one of these authorities has issued, and no others.</summary>
    /// <param name="caFile">Their certificates.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It holds something else.</exception>
    public static X509ChainPolicy Only(string caFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        return policy;
    }
}
