using Adam.Service.Configuration;

namespace Adam.Service.CommandLine;

/// <summary>The service that the same environment would make, as seen from this machine.</summary>
internal static class LocalService
{
    /// <summary>Where it listens.</summary>
    public static ServerOptions Configured()
    {
        var configuration = new ConfigurationBuilder();
        ServiceConfiguration.AddTo(configuration, []);
        return configuration.Build().GetSection(ServerOptions.Section).Get<ServerOptions>() ?? new ServerOptions();
    }

    /// <summary>A service that listens on every address is asked on the loopback one.</summary>
    public static string ToLoopback(string url) => url
        .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://[::]", "://[::1]", StringComparison.Ordinal);
}
