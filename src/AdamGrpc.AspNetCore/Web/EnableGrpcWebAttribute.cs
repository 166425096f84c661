namespace Grpc.AspNetCore.Web;

/// <summary>Lets a service or method speak gRPC-Web.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class EnableGrpcWebAttribute : Attribute, IGrpcWebEnabledMetadata
{
    /// <inheritdoc/>
    bool IGrpcWebEnabledMetadata.GrpcWebEnabled => true;
}
