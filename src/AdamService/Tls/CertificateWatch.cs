using Adam.Service.Configuration;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tls;

/// <summary>Looks at the files of certificates from time to time.</summary>
/// <remarks>
/// Not by notifications: a mounted secret changes by a link somewhere above its files, and on network file systems nothing is notified.
/// </remarks>
internal sealed class CertificateWatch(TlsCertificates certificates, IOptions<TlsOptions> options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!certificates.IsConfigured)
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.ReloadSeconds), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                certificates.Reload();
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }
}
