namespace Adam.Service.Configuration;

/// <summary>Where calls may travel without TLS.</summary>
internal static class Cleartext
{
    /// <summary>Whether an address is encrypted, local, or allowed by <see cref="ServerOptions.AllowCleartext"/>.</summary>
    public static bool IsAllowed(ListenAddress address, ServerOptions server) => address.IsTls || address.IsLocal || server.AllowCleartext;

    /// <summary>What to say of one that is not.</summary>
    public static string Refusal(string option, string? url) =>
        $"{option} {url} is cleartext for other machines: use https:// and {TlsOptions.Section}:{nameof(TlsOptions.CertificateFile)}, or allow it with {ServerOptions.Section}:{nameof(ServerOptions.AllowCleartext)}=true on a network that you trust.";
}
