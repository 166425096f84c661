namespace Adam.Service.Configuration;

/// <summary>Where settings come from: the later one wins.</summary>
internal static class ServiceConfiguration
{
    /// <summary>Environment variables of this prefix are settings, for example <c>ADAM_Server__GrpcUrl</c>.</summary>
    public const string EnvironmentPrefix = "ADAM_";

    /// <summary>Adds <c>appsettings.json</c>, then the environment, then <paramref name="settings"/>.</summary>
    public static void AddTo(IConfigurationBuilder configuration, IEnumerable<KeyValuePair<string, string?>> settings) => configuration
        .SetBasePath(AppContext.BaseDirectory)
        .AddJsonFile("appsettings.json", optional: false, reloadOnChange: false)
        .AddEnvironmentVariables(EnvironmentPrefix)
        .AddInMemoryCollection(settings);
}
