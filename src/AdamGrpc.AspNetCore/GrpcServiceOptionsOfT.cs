namespace Grpc.AspNetCore.Server;

/// <summary>Options of one gRPC service. What is not set here is taken from <see cref="GrpcServiceOptions"/>.</summary>
/// <typeparam name="TService">The service.</typeparam>
public class GrpcServiceOptions<TService> : GrpcServiceOptions
    where TService : class
{
}
