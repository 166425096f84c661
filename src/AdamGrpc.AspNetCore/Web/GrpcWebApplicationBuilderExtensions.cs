using Grpc.AspNetCore.Web.Internal;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds gRPC-Web to an application.</summary>
public static class GrpcWebApplicationBuilderExtensions
{
    /// <summary>Lets services speak gRPC-Web that say so.</summary>
    /// <param name="builder">The application. Routing must come before, the endpoints after.</param>
    public static IApplicationBuilder UseGrpcWeb(this IApplicationBuilder builder) => builder.UseGrpcWeb(new GrpcWebOptions());

    /// <summary>Lets services speak gRPC-Web.</summary>
    /// <param name="builder">The application. Routing must come before, the endpoints after.</param>
    /// <param name="options">Which services do.</param>
    public static IApplicationBuilder UseGrpcWeb(this IApplicationBuilder builder, GrpcWebOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        return builder.UseMiddleware<GrpcWebMiddleware>(Options.Create(options));
    }
}
