namespace Microsoft.AspNetCore.Builder;

/// <summary>Options of gRPC-Web.</summary>
public class GrpcWebOptions
{
    /// <summary>
    /// Whether gRPC-Web is spoken by services and methods that say nothing about it. Those that do carry
    /// <see cref="Grpc.AspNetCore.Web.IGrpcWebEnabledMetadata"/>. False by default.
    /// </summary>
    public bool DefaultEnabled { get; set; }
}
