using Grpc.Core;
using Grpc.Reflection.V1;

namespace Grpc.AspNetCore.Reflection.Internal;

/// <summary>The service <c>grpc.reflection.v1.ServerReflection</c>.</summary>
internal sealed class ReflectionServiceV1(MappedServices services) : ServerReflection.ServerReflectionBase
{
    public override Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context) => RunAsync(services.Index, requestStream, responseStream, context);

    /// <summary>Answers the questions of a stream one by one.</summary>
    public static async Task RunAsync(
        DescriptorIndex index,
        IAsyncStreamReader<ServerReflectionRequest> requests,
        IServerStreamWriter<ServerReflectionResponse> responses,
        ServerCallContext context)
    {
        ReflectionSession session = new(index);
        await foreach (ServerReflectionRequest request in requests.ReadAllAsync(context.CancellationToken))
        {
            await responses.WriteAsync(session.Answer(request), context.CancellationToken);
        }
    }
}
