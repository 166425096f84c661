using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Knows how long the services of the application live.</summary>
/// <param name="services">Their registrations. Looked at when services are mapped: there may be more of them by then.</param>
internal sealed class ServiceLifetimes(IServiceCollection services)
{
    /// <summary>
    /// Whether an instance can be taken from the application itself, without a scope: it is a singleton, or nobody registered it and its only constructor
    /// asks for singletons alone. In doubt it cannot.
    /// </summary>
    public bool NeedsOnlySingletons(Type type)
    {
        if (services.Any(service => service.ServiceType == type))
        {
            return IsSingleton(type);
        }

        return type.GetConstructors() is [ConstructorInfo constructor]
            && constructor.GetParameters().All(parameter => parameter.GetCustomAttributes(inherit: true).Length == 0 && IsSingleton(parameter.ParameterType));
    }

    private bool IsSingleton(Type type)
    {
        Type? definition = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : null;
        List<ServiceDescriptor> found =
            [.. services.Where(service => !service.IsKeyedService && (service.ServiceType == type || service.ServiceType == definition))];
        return found.Count > 0 && found.TrueForAll(service => service.Lifetime == ServiceLifetime.Singleton);
    }
}
