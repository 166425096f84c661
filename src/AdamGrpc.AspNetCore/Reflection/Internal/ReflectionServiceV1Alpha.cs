using Grpc.Core;
using Grpc.Reflection.V1;

namespace Grpc.AspNetCore.Reflection.Internal;

/// <summary>The service <c>grpc.reflection.v1alpha.ServerReflection</c>.</summary>
internal sealed class ReflectionServiceV1Alpha(MappedServices services) : ReflectionServiceV1AlphaBase
{
    public override Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context) => ReflectionServiceV1.RunAsync(services.Index, requestStream, responseStream, context);
}
