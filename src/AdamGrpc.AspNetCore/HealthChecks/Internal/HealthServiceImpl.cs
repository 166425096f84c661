using System.Threading.Channels;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Grpc.AspNetCore.HealthChecks.Internal;

/// <summary>The service <c>grpc.health.v1.Health</c> over the application's health checks.</summary>
internal sealed class HealthServiceImpl(
    HealthStatusBoard board, HealthCheckService checks, IOptions<GrpcHealthChecksOptions> options, IHostApplicationLifetime lifetime)
    : Grpc.Health.V1.Health.HealthBase
{
    private static readonly Status UnknownService = new(StatusCode.NotFound, "The service is not known.");

    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        options.Value.Services.TryGetValue(request.Service, out ServiceMapping? mapping)
            ? new HealthCheckResponse { Status = await GetStatusAsync(mapping, context.CancellationToken) }
            : throw new RpcException(UnknownService);

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken, options.Value.SuppressCompletionOnShutdown ? CancellationToken.None : lifetime.ApplicationStopping);

        // Watching begins before the first state is found, so that no change falls in between.
        Channel<ServingStatus> changes = board.Subscribe(request.Service);
        try
        {
            ServingStatus last = options.Value.Services.TryGetValue(request.Service, out ServiceMapping? mapping)
                ? await GetStatusAsync(mapping, end.Token)
                : ServingStatus.ServiceUnknown;
            await responseStream.WriteAsync(new HealthCheckResponse { Status = last });

            await foreach (ServingStatus status in changes.Reader.ReadAllAsync(end.Token))
            {
                if (status != last)
                {
                    last = status;
                    await responseStream.WriteAsync(new HealthCheckResponse { Status = last });
                }
            }
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested && end.IsCancellationRequested)
        {
            // The application stops. The stream would keep it from doing so, and its watcher should look elsewhere.
            await responseStream.WriteAsync(new HealthCheckResponse { Status = ServingStatus.NotServing });
        }
        finally
        {
            board.Unsubscribe(request.Service, changes);
        }
    }

    private async Task<ServingStatus> GetStatusAsync(ServiceMapping mapping, CancellationToken cancellationToken)
    {
        if (options.Value.UseHealthChecksCache)
        {
            return board.Get(mapping.Name);
        }

        HealthReport report = await checks.CheckHealthAsync(
            registration => mapping.HealthCheckPredicate(new HealthCheckMapContext(registration.Name, registration.Tags)),
            cancellationToken);
        return HealthReportMapping.ToServingStatus(report, mapping);
    }
}
