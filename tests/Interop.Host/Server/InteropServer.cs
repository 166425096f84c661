using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AdamGrpc.Interop.Server;

/// <summary>A server of the tests on a free port of the loopback.</summary>
internal static class InteropServer
{
    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(options =>
        {
            options.CompressionProviders = [RequestCompression.CreateCoding()];

            // Which messages are compressed, each says by its write options.
            options.ResponseCompressionAlgorithm = "gzip";
        });
        await using WebApplication app = builder.Build();
        app.Use(RequestCompression.BeginAsync);
        app.MapGrpcService<InteropService>();
        await app.StartAsync(cancellationToken);
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {new Uri(address).Port}"));
        await Task.Run(() => Console.In.ReadToEnd(), cancellationToken).WaitAsync(cancellationToken);
        await app.StopAsync(CancellationToken.None);
    }
}
