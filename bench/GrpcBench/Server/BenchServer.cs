using System.Text.Json;
using Adam.Bench.GrpcBench.Figures;
using Adam.Bench.LoadBench.Processes;
using Adam.Service.Configuration;
using Adam.Service.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Adam.Bench.GrpcBench.Server;

/// <summary>
/// The process at the other end: one endpoint of Kestrel as it comes with raw HTTP/2 handlers, and one with the service's transport settings
/// and the gRPC runtime. Says its two ports on its first line, then what it has used when it is asked, and ends when its input ends.
/// </summary>
internal static class BenchServer
{
    /// <summary>The verb.</summary>
    public const string Verb = "server";

    /// <summary>Runs it.</summary>
    public static async Task RunAsync()
    {
        await using WebApplication raw = BuildRaw();
        await using WebApplication grpc = BuildGrpc();
        await raw.StartAsync();
        await grpc.StartAsync();
        Answer($"{new Uri(raw.Urls.First()).Port} {new Uri(grpc.Urls.First()).Port}");
        while (await Console.In.ReadLineAsync() is { } asked)
        {
            Answer(JsonSerializer.Serialize(ProcessFigures.Take(JsonSerializer.Deserialize<int?>(asked))));
        }

        await raw.StopAsync();
        await grpc.StopAsync();
    }

    private static void Answer(string line) => Console.WriteLine(Companion.AnswerMark + line);

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
