namespace Adam.Service.Configuration;

/// <summary>The certificate of endpoints whose address begins with <c>https://</c>, and whom they let in. Section <c>Tls</c>.</summary>
/// <remarks>All files are PEM. They are read again when they change (<c>docs/tls.md</c>).</remarks>
internal sealed class TlsOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Tls";

    /// <summary>The certificate of the service, then those between it and the root. Null or empty: no TLS. Default null.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>Its private key, not encrypted. Null or empty: it is in <see cref="CertificateFile"/>. Default null.</summary>
    public string? KeyFile { get; set; }

    /// <summary>
    /// The certificates of the authorities whose clients are let in on gRPC endpoints; the probes ask for none. Null or empty: clients are
    /// not asked for a certificate. Default null.
    /// </summary>
    public string? ClientCaFile { get; set; }

    /// <summary>
    /// Whether a client without a certificate is refused; one with a certificate of somebody else always is. Only with
    /// <see cref="ClientCaFile"/>. Default true.
    /// </summary>
    public bool ClientCertificateRequired { get; set; } = true;

    /// <summary>The lowest version of TLS, <c>1.2</c> or <c>1.3</c>. Default 1.2.</summary>
    public string MinimumVersion { get; set; } = "1.2";

    /// <summary>After how many seconds the files are looked at again, 0.05 to 86,400. Default 10.</summary>
    public double ReloadSeconds { get; set; } = 10;
}
