namespace Adam.Service.Tls;

/// <summary>What is logged about certificates.</summary>
internal static partial class TlsLog
{
    [LoggerMessage(1, LogLevel.Information, "Serving with the certificate of {Subject}, serial number {SerialNumber}, valid until {NotAfter:u}.")]
    public static partial void Loaded(ILogger logger, string subject, string serialNumber, DateTime notAfter);

    [LoggerMessage(2, LogLevel.Warning, "The certificates are not reloaded, those from before stay in use: {Problems}")]
    public static partial void NotReloaded(ILogger logger, string problems);
}
