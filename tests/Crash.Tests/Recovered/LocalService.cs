using Adam.Service.Hosting;
using Adam.Service.Recovery;
using Adam.Service.Sessions;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Adam.Crash.Tests.Recovered;

/// <summary>The service's own code in this process: it reads a data directory as the service does, in a few milliseconds.</summary>
internal sealed class LocalService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly bool _isServing;

    private LocalService(WebApplication app, bool isServing)
    {
        (_app, _isServing) = (app, isServing);
        if (isServing)
        {
            Channel = GrpcChannel.ForAddress(ListeningAddresses.Of(app.Services.GetRequiredService<IServer>()).Grpc);
        }
    }

    /// <summary>The channel to it, if it serves.</summary>
    public GrpcChannel Channel { get; } = null!;

    /// <summary>Its sessions.</summary>
    public SessionRegistry Sessions => _app.Services.GetRequiredService<SessionRegistry>();

    /// <summary>Reads a data directory and serves nobody.</summary>
    /// <param name="directory">The data directory.</param>
    public static async Task<LocalService> ReadAsync(string directory)
    {
        var app = Build(directory, []);
        try
        {
            var recovery = app.Services.GetRequiredService<SessionRecovery>();
            await recovery.StartingAsync(CancellationToken.None);
            await recovery.Completion;
            return new LocalService(app, isServing: false);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it wholly.</summary>
    /// <param name="directory">The data directory; empty for none.</param>
    /// <param name="settings">More settings.</param>
    public static async Task<LocalService> StartAsync(string directory, params (string Name, string Value)[] settings)
    {
        var app = Build(directory, settings);
        try
        {
            await app.StartAsync();
            return new LocalService(app, isServing: true);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>A session as it is; null if there is none.</summary>
    public async Task<SessionPicture?> PictureAsync(string sessionId) =>
        Sessions.FindSetAside(sessionId) is null && Sessions.Find(sessionId) is { } session ? await SessionPicture.OfAsync(session) : null;

    public async ValueTask DisposeAsync()
    {
        if (_isServing)
        {
            Channel.Dispose();
            await _app.StopAsync();
        }

        await _app.DisposeAsync();
    }

    private static WebApplication Build(string directory, IEnumerable<(string Name, string Value)> settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["Server:GrpcUrl"] = "http://127.0.0.1:0",
            ["Server:HttpUrl"] = "http://127.0.0.1:0",
            ["Durability:Directory"] = directory,
            ["Serilog:MinimumLevel:Default"] = "Fatal",
            ["Serilog:MinimumLevel:Override:Microsoft"] = "Fatal",
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return ServiceHost.Build(all);
    }
}
