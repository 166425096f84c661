using System.Net;
using AdamGrpc.Tests.Wire;
using Grpc.AspNetCore.Server;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AdamGrpc.Tests.Support;

/// <summary>A server on a free port of the loopback, with the echo service, and clients of it.</summary>
public sealed class EchoHost : IAsyncDisposable
{
    private readonly List<GrpcChannel> _channels = [];

    private EchoHost(WebApplication app, EchoScript script, ErrorLog log)
    {
        App = app;
        Script = script;
        Log = log;
        Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public WebApplication App { get; }

    public EchoScript Script { get; }

    public ErrorLog Log { get; }

    public string Address { get; }

    /// <summary>Whether the test expects errors in the log.</summary>
    public bool ExpectsErrors { get; set; }

    public static async Task<EchoHost> StartAsync(
        Action<GrpcServiceOptions>? options = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? map = null,
        HttpProtocols protocols = HttpProtocols.Http2,
        Action<GrpcServiceEndpointConventionBuilder>? conventions = null)
    {
        EchoScript script = new();
        ErrorLog log = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(script);
        builder.Services.AddGrpc(options ?? (_ => { }));
        services?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        GrpcServiceEndpointConventionBuilder echo = app.MapGrpcService<EchoService>();
        conventions?.Invoke(echo);
        map?.Invoke(app);
        await app.StartAsync();
        return new EchoHost(app, script, log);
    }

    public GrpcChannel CreateChannel(Action<GrpcChannelOptions>? configure = null)
    {
        GrpcChannelOptions options = new();
        configure?.Invoke(options);
        GrpcChannel channel = GrpcChannel.ForAddress(Address, options);
        _channels.Add(channel);
        return channel;
    }

    public Echo.EchoClient CreateClient(Action<GrpcChannelOptions>? configure = null) => new(CreateChannel(configure));

    public async ValueTask DisposeAsync()
    {
        _channels.ForEach(channel => channel.Dispose());
        await App.StopAsync();
        await App.DisposeAsync();
        if (!ExpectsErrors)
        {
            Assert.True(Log.Errors.IsEmpty, string.Join("\n", Log.Errors));
        }
    }
}
