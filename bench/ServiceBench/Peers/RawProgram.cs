using System.IO.Pipelines;
using Adam.Bench.LoadBench.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>Kestrel as it comes, in a process of its own, that takes bytes and gives bytes over HTTP/2.</summary>
internal static class RawProgram
{
    /// <summary>The verb.</summary>
    public const string Verb = "raw";

    private const int PieceBytes = 1 << 20;

    /// <summary>Says where it listens and runs until the input ends.</summary>
    public static async Task RunAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddRoutingCore();
        await using WebApplication app = builder.Build();
        app.MapPost("/{bytes:long}", SwapAsync);
        await app.StartAsync();
        Console.WriteLine(Companion.AnswerMark + app.Urls.First());
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    // Reads what comes to its end, then sends what was asked for.
    private static async Task SwapAsync(HttpContext context, long bytes)
    {
        context.Features.Get<IHttpMinRequestBodyDataRateFeature>()!.MinDataRate = null;
        PipeReader input = context.Request.BodyReader;
        ReadResult result;
        do
        {
            result = await input.ReadAsync();
            input.AdvanceTo(result.Buffer.End);
        }
        while (!result.IsCompleted);

        byte[] piece = new byte[Math.Min(bytes, PieceBytes)];
        for (long rest = bytes; rest > 0; rest -= piece.Length)
        {
            await context.Response.BodyWriter.WriteAsync(piece.AsMemory(0, (int)Math.Min(rest, piece.Length)));
        }
    }
}
