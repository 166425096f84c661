using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Adam.Service.Configuration;
using Adam.Service.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Adam.Bench.GrpcBench;

/// <summary>
/// The process at the other end: one endpoint of Kestrel as it comes with raw HTTP/2 handlers, and one with the service's transport settings
/// and the gRPC runtime. Says its two ports on its first line and ends when its input ends.
/// </summary>
internal static class BenchServer
{
    public static async Task RunAsync()
    {
        await using WebApplication raw = BuildRaw();
        await using WebApplication grpc = BuildGrpc();
        await raw.StartAsync();
        await grpc.StartAsync();
        Console.WriteLine($"{new Uri(raw.Urls.First()).Port} {new Uri(grpc.Urls.First()).Port}");
        await Console.In.ReadToEndAsync();
        await raw.StopAsync();
        await grpc.StopAsync();
    }

    private static WebApplication BuildRaw()
    {
        WebApplicationBuilder builder = NewBuilder();
        builder.WebHost.ConfigureKestrel(Listen);
        WebApplication app = builder.Build();
        app.MapPost("/echo", RawHandlers.EchoAsync);
        app.MapPost("/upload", RawHandlers.UploadAsync);
        app.MapPost("/download/{bytes:long}", RawHandlers.DownloadAsync);
        app.MapPost("/unary", RawHandlers.UnaryAsync);
        return app;
    }

    private static WebApplication BuildGrpc()
    {
        WebApplicationBuilder builder = NewBuilder();
        TransportMemory.AddTo(builder.Services);
        builder.WebHost.ConfigureKestrel(Listen);
        builder.WebHost.ConfigureKestrel(options => KestrelEndpoints.SetLimits(options.Limits, new Http2Options()));
        builder.Services.AddGrpc();
        WebApplication app = builder.Build();
        app.MapGrpcService<EchoService>();
        return app;
    }

    private static WebApplicationBuilder NewBuilder()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        return builder;
    }

    private static void Listen(KestrelServerOptions options)
    {
        options.Limits.MaxRequestBodySize = null;
        options.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
    }
}
