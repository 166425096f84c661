using Grpc.AspNetCore.Web;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Says of mapped services whether they speak gRPC-Web.</summary>
public static class GrpcWebEndpointConventionBuilderExtensions
{
    /// <summary>Lets endpoints speak gRPC-Web.</summary>
    /// <typeparam name="TBuilder">What maps them.</typeparam>
    /// <param name="builder">The endpoints.</param>
    public static TBuilder EnableGrpcWeb<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => Add(builder, new EnableGrpcWebAttribute());

    /// <summary>Keeps endpoints from speaking gRPC-Web.</summary>
    /// <typeparam name="TBuilder">What maps them.</typeparam>
    /// <param name="builder">The endpoints.</param>
    public static TBuilder DisableGrpcWeb<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => Add(builder, new DisableGrpcWebAttribute());

    private static TBuilder Add<TBuilder>(TBuilder builder, IGrpcWebEnabledMetadata metadata)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(endpoint => endpoint.Metadata.Add(metadata));
        return builder;
    }
}
