using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace Adam.Service.Hosting;

/// <summary>The probes of container platforms, over HTTP/1.1.</summary>
internal static class HttpProbes
{
    /// <summary>Alive: the process answers.</summary>
    public const string Liveness = "/healthz";

    /// <summary>Ready: calls are taken.</summary>
    public const string Readiness = "/readyz";

    public static void Map(WebApplication app)
    {
        app.MapHealthChecks(Liveness, new HealthCheckOptions { Predicate = static _ => false });
        app.MapHealthChecks(Readiness);
    }
}
