using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Makes an instance of a service for each call, in the scope of the call.</summary>
internal static class ServiceActivator<TService>
    where TService : class
{
    private static readonly ObjectFactory<TService> Factory = ActivatorUtilities.CreateFactory<TService>([]);

    /// <summary>Runs a handler on an instance. A registered service belongs to the container; any other is disposed afterwards.</summary>
    public static async Task<TResult> RunAsync<TResult>(IServiceProvider services, Func<TService, Task<TResult>> handler)
    {
        if (services.GetService<TService>() is { } registered)
        {
            return await handler(registered);
        }

        TService created = Factory(services, []);
        try
        {
            return await handler(created);
        }
        finally
        {
            if (created is IAsyncDisposable asyncDisposable)
            {
                await asyncDisposable.DisposeAsync();
            }
            else if (created is IDisposable disposable)
            {
                disposable.Dispose();
            }
        }
    }

    /// <summary>Runs a handler without a result on an instance.</summary>
    public static Task RunAsync(IServiceProvider services, Func<TService, Task> handler) =>
        RunAsync<object?>(services, async service =>
        {
            await handler(service);
            return null;
        });
}
