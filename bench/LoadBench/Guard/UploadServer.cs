using System.IO.Pipelines;
using Adam.Service.Configuration;
using Adam.Service.Connections;
using Adam.Service.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Adam.Bench.LoadBench.Guard;

/// <summary>One endpoint under guard and one that is not, in one process, which take whatever is sent.</summary>
internal static class UploadServer
{
    /// <summary>Runs both.</summary>
    /// <returns>The application, and the addresses of the guarded one and the other.</returns>
    public static async Task<(WebApplication App, string Guarded, string Bare)> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        TransportMemory.AddTo(builder.Services);
        builder.Services.AddOptions<Http2Options>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<GuardedConnections>();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            var connections = options.ApplicationServices.GetRequiredService<GuardedConnections>();
            options.Listen(System.Net.IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.Use(next => connection => connections.RunAsync(connection, next));
            });
            options.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        app.UseMiddleware<CallPaceMiddleware>();
        app.Run(TakeAsync);
        await app.StartAsync();
        var addresses = app.Urls.ToArray();
        return (app, addresses[0], addresses[1]);
    }

    private static async Task TakeAsync(HttpContext context)
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

        // So that nobody compares an endpoint with itself.
        context.Response.StatusCode = context.Features.Get<GuardedConnection>() is null ? StatusCodes.Status200OK : StatusCodes.Status204NoContent;
    }
}
