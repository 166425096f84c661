using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>Carries on the registration of gRPC services.</summary>
public interface IGrpcServerBuilder
{
    /// <summary>Where the services are registered.</summary>
    IServiceCollection Services { get; }
}
