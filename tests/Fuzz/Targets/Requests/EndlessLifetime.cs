using Microsoft.Extensions.Hosting;

namespace Adam.Fuzz.Targets.Requests;

/// <summary>The lifetime of a service that never stops.</summary>
internal sealed class EndlessLifetime : IHostApplicationLifetime
{
    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => CancellationToken.None;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication()
    {
    }
}
