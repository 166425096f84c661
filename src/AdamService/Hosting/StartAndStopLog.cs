using Adam.Service.ControlPlane;
using Microsoft.AspNetCore.Hosting.Server;

namespace Adam.Service.Hosting;

/// <summary>Says in the log where the service listens and when it stops.</summary>
internal sealed partial class StartAndStopLog(IServer server, IHostApplicationLifetime lifetime, ILogger<StartAndStopLog> logger)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() =>
        {
            var addresses = ListeningAddresses.Of(server);
            Started(logger, addresses.Grpc, addresses.Http);
            if (addresses.GrpcWeb is { } grpcWeb)
            {
                StartedGrpcWeb(logger, grpcWeb);
            }

            if (KerasExactness.Machine.Length > 0)
            {
                Inexact(logger, KerasExactness.Machine);
            }
        });
        lifetime.ApplicationStopping.Register(() => Stopping(logger));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Information, "Serving gRPC on {GrpcUrl} and probes on {HttpUrl}.")]
    private static partial void Started(ILogger logger, string grpcUrl, string httpUrl);

    [LoggerMessage(4, LogLevel.Information, "Serving gRPC-Web on {GrpcWebUrl}.")]
    private static partial void StartedGrpcWeb(ILogger logger, string grpcWebUrl);

    [LoggerMessage(3, LogLevel.Warning, "Not bit for bit: {Reason}")]
    private static partial void Inexact(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Information, "Stopping.")]
    private static partial void Stopping(ILogger logger);
}
