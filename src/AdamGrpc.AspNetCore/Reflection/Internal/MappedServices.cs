using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Internal;
using Microsoft.AspNetCore.Routing;

namespace Grpc.AspNetCore.Reflection.Internal;

/// <summary>The index of the services that the application has mapped. Read once, at the first question: by then all are mapped.</summary>
internal sealed class MappedServices(EndpointDataSource endpoints)
{
    private readonly Lazy<DescriptorIndex> _index = new(() => new DescriptorIndex(Describe(endpoints)));

    public DescriptorIndex Index => _index.Value;

    private static IEnumerable<ServiceDescriptor> Describe(EndpointDataSource endpoints) => endpoints.Endpoints
        .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType)
        .OfType<Type>()
        .Distinct()
        .Select(FindDescriptor)
        .OfType<ServiceDescriptor>();

    /// <summary>
    /// The static property <c>Descriptor</c> of the class around the service base, as generated code has it, whichever ancestor is bound; or of
    /// the class that binds it. A service without one is not described.
    /// </summary>
    private static ServiceDescriptor? FindDescriptor(Type serviceType)
    {
        for (Type? type = serviceType; type is not null; type = type.BaseType)
        {
            if (GetDescriptor(type.DeclaringType) is { } descriptor)
            {
                return descriptor;
            }
        }

        return ServiceBinding.TryFind(serviceType, out Type? baseType, out Core.BindServiceMethodAttribute? attribute)
            ? GetDescriptor(attribute.BindType) ?? GetDescriptor(baseType)
            : null;
    }

    private static ServiceDescriptor? GetDescriptor(Type? type) =>
        type?.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)?.GetValue(null)
            as ServiceDescriptor;
}
