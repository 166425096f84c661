using System.Text.Json;

namespace Adam.Bench.LoadBench.Processes;

/// <summary>The service that is measured.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private readonly Companion _companion;

    private ServiceProcess(Companion companion, string url) => (_companion, Url) = (companion, url);

    /// <summary>Where it takes gRPC calls.</summary>
    public string Url { get; }

    /// <summary>Starts it.</summary>
    /// <param name="settings">Those that are not left as they are.</param>
    public static Task<ServiceProcess> StartAsync(params (string Name, long Value)[] settings) => StartAsync("http://127.0.0.1:0", settings);

    /// <summary>Starts it at an address.</summary>
    /// <param name="grpcUrl">The address, <c>Server:GrpcUrl</c>.</param>
    /// <param name="settings">Those that are not left as they are.</param>
    public static Task<ServiceProcess> StartAsync(string grpcUrl, params (string Name, long Value)[] settings) =>
        StartAsync(grpcUrl, settings.Select(setting => $"{setting.Name}={setting.Value}"));

    /// <summary>Starts it at an address.</summary>
    /// <param name="grpcUrl">The address, <c>Server:GrpcUrl</c>.</param>
    /// <param name="settings">Those that are not left as they are, each as <c>Section:Name=value</c>.</param>
    public static async Task<ServiceProcess> StartAsync(string grpcUrl, IEnumerable<string> settings)
    {
        var companion = Companion.Start([ServiceProgram.Verb, $"Server:GrpcUrl={grpcUrl}", .. settings]);
        return new ServiceProcess(companion, await companion.ReadAnswerAsync());
    }

    /// <summary>What it uses now.</summary>
    public Task<ServiceFigures> LookAsync() => AskAsync(ServiceProgram.Look);

    /// <summary>What it uses now, and what of its heap is in use really.</summary>
    public Task<ServiceFigures> CollectAsync() => AskAsync(ServiceProgram.Collect);

    public ValueTask DisposeAsync() => _companion.DisposeAsync();

    private async Task<ServiceFigures> AskAsync(string line) =>
        JsonSerializer.Deserialize<ServiceFigures>(await _companion.AskAsync(line))!;
}
