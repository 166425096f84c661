using System.Text.Json;
using System.Text.Json.Serialization;
using Adam.Service.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;

namespace Adam.Service.Hosting;

/// <summary>Tells whoever started the service where it listens, through a file that is complete or not there.</summary>
internal sealed class AddressFile(IOptions<ServerOptions> options, IServer server) : IHostedLifecycleService
{
    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (options.Value.AddressFile is { Length: > 0 } path)
        {
            var addresses = ListeningAddresses.Of(server);
            var json = JsonSerializer.Serialize(
                new { grpc = addresses.Grpc, http = addresses.Http, grpcWeb = addresses.GrpcWeb, pid = Environment.ProcessId }, Json);
            var unfinished = path + ".tmp";
            File.WriteAllText(unfinished, json);
            File.Move(unfinished, path, overwrite: true);
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
