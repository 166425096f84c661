using Adam.Service.Hosting;
using Adam.Service.Limits;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Adam.Service.Tests.Support;

/// <summary>The real service in this process, on ports that the system picks, and a channel to it over real sockets.</summary>
public sealed class TestService : IAsyncDisposable
{
    // No test waits this long; a call that hangs becomes a failed test instead of a hanging run.
    private static readonly TimeSpan CallTimeMax = TimeSpan.FromMinutes(2);

    private readonly WebApplication _app;
    private readonly string _name;

    private TestService(WebApplication app, string name, ListeningAddresses addresses, HttpMessageHandler? handler)
    {
        _app = app;
        _name = name;
        HttpUrl = new Uri(addresses.Http);
        GrpcUrl = addresses.Grpc;
        GrpcWebUrl = addresses.GrpcWeb;
        Channel = OpenChannel(addresses.Grpc, handler);
        Sessions = new V1.Sessions.SessionsClient(Channel);
        Training = new V1.Training.TrainingClient(Channel);
        Checkpoints = new V1.Checkpoints.CheckpointsClient(Channel);
    }

    public string GrpcUrl { get; }

    public string? GrpcWebUrl { get; }

    public Uri HttpUrl { get; }

    public GrpcChannel Channel { get; }

    public V1.Sessions.SessionsClient Sessions { get; }

    public V1.Training.TrainingClient Training { get; }

    public V1.Checkpoints.CheckpointsClient Checkpoints { get; }

    internal MemoryBudget Memory => Get<MemoryBudget>();

    /// <summary>Options of a call that must end some time.</summary>
    public static CallOptions Call(CancellationToken cancellationToken = default) =>
        new(deadline: (TimeProvider.System.GetUtcNow() + CallTimeMax).UtcDateTime, cancellationToken: cancellationToken);

    /// <summary>Starts a service.</summary>
    /// <param name="settings">Settings beside the addresses, for example <c>Limits:SessionsMax</c>.</param>
    public static Task<TestService> StartAsync(params (string Name, string Value)[] settings) => StartAsync(null, settings);

    /// <summary>Starts a service whose clients connect in a way of their own.</summary>
    /// <param name="handler">How the channel of <see cref="Channel"/> connects. It is disposed with the channel.</param>
    /// <param name="settings">Settings beside the addresses, for example <c>Limits:SessionsMax</c>.</param>
    public static async Task<TestService> StartAsync(HttpMessageHandler? handler, params (string Name, string Value)[] settings)
    {
        var name = Guid.NewGuid().ToString("N");
        var all = new Dictionary<string, string?>(ErrorLog.Settings(name))
        {
            ["Server:GrpcUrl"] = "http://127.0.0.1:0",
            ["Server:HttpUrl"] = "http://127.0.0.1:0",
            ["Durability:Directory"] = "",
        };
        foreach (var (setting, value) in settings)
        {
            all[setting] = value;
        }

        var app = ServiceHost.Build(all);
        await app.StartAsync();
        return new TestService(app, name, ListeningAddresses.Of(app.Services.GetRequiredService<IServer>()), handler);
    }

    /// <summary>Opens another channel, which the caller disposes.</summary>
    public GrpcChannel OpenChannel(HttpMessageHandler handler) => OpenChannel(GrpcUrl, handler);

    /// <summary>Stops the service as a signal would, and returns when it has stopped.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>The errors that were logged, which are then forgotten: a test that makes them happen looks at them itself.</summary>
    public IReadOnlyList<string> TakeErrors() => ErrorLog.Take(_name);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Assert.Empty(ErrorLog.Of(_name));
    }

    // Over a Unix domain socket the name of the host means nothing.
    private static GrpcChannel OpenChannel(string url, HttpMessageHandler? handler) => GrpcChannel.ForAddress(
        url.StartsWith("unix:", StringComparison.Ordinal) ? "http://localhost" : url,
        new GrpcChannelOptions { MaxReceiveMessageSize = null, HttpHandler = handler, DisposeHttpClient = handler is not null });

    internal T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();
}
