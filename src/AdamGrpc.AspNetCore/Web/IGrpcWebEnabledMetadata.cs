namespace Grpc.AspNetCore.Web;

/// <summary>Says of an endpoint whether it speaks gRPC-Web.</summary>
public interface IGrpcWebEnabledMetadata
{
    /// <summary>Whether it does.</summary>
    bool GrpcWebEnabled { get; }
}
