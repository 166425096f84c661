using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// Makes an instance of a service for each call, in the scope of the call. A service that needs nothing but singletons gets them from the application
/// instead: they are the same there, and the scope, which costs more than a small call, is then made only if somebody asks for it.
/// </summary>
internal sealed class ServiceActivator<TService>
    where TService : class
{
    private static readonly ObjectFactory<TService> Factory = ActivatorUtilities.CreateFactory<TService>([]);

    private readonly IServiceProvider? _singletons;
    private readonly bool _isRegistered;

    /// <param name="services">The services of the application.</param>
    public ServiceActivator(IServiceProvider services)
    {
        _isRegistered = services.GetService<IServiceProviderIsService>()?.IsService(typeof(TService)) ?? true;
        _singletons = services.GetService<ServiceLifetimes>()?.NeedsOnlySingletons(typeof(TService)) ?? false ? services : null;
    }

    /// <summary>Takes an instance for a call.</summary>
    /// <param name="httpContext">The call.</param>
    /// <param name="isOwned">Whether it is to be disposed after the call. A registered service belongs to the container.</param>
    public TService Take(HttpContext httpContext, out bool isOwned)
    {
        IServiceProvider services = _singletons ?? httpContext.RequestServices;
        if (_isRegistered && services.GetService<TService>() is { } registered)
        {
            isOwned = false;
            return registered;
        }

        TService created = Factory(services, []);
        isOwned = created is IAsyncDisposable or IDisposable;
        return created;
    }

    /// <summary>Disposes an instance that was made for a call.</summary>
    public static ValueTask ReleaseAsync(TService created)
    {
        if (created is IAsyncDisposable asyncDisposable)
        {
            return asyncDisposable.DisposeAsync();
        }

        (created as IDisposable)?.Dispose();
        return default;
    }
}
