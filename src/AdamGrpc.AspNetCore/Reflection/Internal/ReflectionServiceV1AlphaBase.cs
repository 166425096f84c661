using Google.Protobuf;
using Grpc.Core;
using Grpc.Reflection.V1;
using V1AlphaReflection = Grpc.Reflection.V1Alpha.ServerReflection;

namespace Grpc.AspNetCore.Reflection.Internal;

/// <summary>
/// The base of <see cref="ReflectionServiceV1Alpha"/>, bound by hand: the messages of <c>v1alpha</c> are those of <c>v1</c> byte for
/// byte, so it takes these.
/// </summary>
[BindServiceMethod(typeof(ReflectionServiceV1AlphaBase), nameof(Bind))]
internal abstract class ReflectionServiceV1AlphaBase
{
    private static readonly Method<ServerReflectionRequest, ServerReflectionResponse> Method = new(
        MethodType.DuplexStreaming,
        V1AlphaReflection.Descriptor.FullName,
        nameof(ServerReflectionInfo),
        CreateMarshaller(ServerReflectionRequest.Parser),
        CreateMarshaller(ServerReflectionResponse.Parser));

    /// <summary>Describes the service to itself.</summary>
    public static Google.Protobuf.Reflection.ServiceDescriptor Descriptor => V1AlphaReflection.Descriptor;

    public static void Bind(ServiceBinderBase binder, ReflectionServiceV1AlphaBase? service) =>
        binder.AddMethod(Method, service is null ? null : service.ServerReflectionInfo);

    public abstract Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context);

    private static Marshaller<T> CreateMarshaller<T>(MessageParser<T> parser)
        where T : class, IMessage<T> => Marshallers.Create<T>(
            (message, context) => context.Complete(message.ToByteArray()),
            context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
}
