using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Adam.Client.Tests.Support;

/// <summary>A service that answers calls of one request as a test says, over whatever transport. It speaks gRPC by hand.</summary>
internal sealed class FakeService : IAsyncDisposable
{
    private const int PrefixBytes = 5;

    private readonly WebApplication _app;

    private FakeService(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>The calls so far, by method.</summary>
    public ConcurrentQueue<FakeCall> Calls { get; } = new();

    /// <summary>Answers a call, or throws the status that it ends with.</summary>
    public Func<string, byte[], IMessage> Answer { get; set; } = (_, _) => throw Fail(StatusCode.Unimplemented);

    public static RpcException Fail(StatusCode code) => new(new Grpc.Core.Status(code, "by the test"));

    /// <summary>A session as the service would describe it.</summary>
    public static V1.Session Session(string id) => new()
    {
        SessionId = id,
        Optimizer = Internal.SettingsMapping.ToWire(SmallModel.Spec().Optimizer),
        State = V1.SessionState.Ready,
    };

    /// <summary>Starts a service on a free port of the loopback.</summary>
    public static Task<FakeService> StartAsync(Action<ListenOptions>? configure = null) => StartAsync(
        kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            configure?.Invoke(listen);
        }),
        address: null);

    /// <summary>Starts a service on a Unix domain socket.</summary>
    public static Task<FakeService> StartOnSocketAsync(string path) => StartAsync(
        kestrel => kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2),
        new Uri($"unix://{path}"));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task<FakeService> StartAsync(Action<KestrelServerOptions> listen, Uri? address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(listen);
        var app = builder.Build();
        FakeService? service = null;
        app.Run(context => service!.AnswerAsync(context));
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        service = new FakeService(app, address ?? new Uri(addresses.Single()));
        return service;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var method = context.Request.Path.Value!.Split('/')[^1];
        Calls.Enqueue(new FakeCall(
            method,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            context.Connection.ClientCertificate?.Thumbprint));
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        context.Response.ContentType = "application/grpc";
        try
        {
            var message = Answer(method, body.ToArray()[PrefixBytes..]).ToByteArray();
            var frame = new byte[PrefixBytes + message.Length];
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
            message.CopyTo(frame, PrefixBytes);
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.WriteAsync(frame);
            context.Response.AppendTrailer("grpc-status", "0");
        }
        catch (RpcException failure)
        {
            // Without a body these are the only headers, which is how a server refuses.
            context.Response.Headers["grpc-status"] = ((int)failure.StatusCode).ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["grpc-message"] = failure.Status.Detail;
        }
    }
}
