using Adam.V1;
using Grpc.Core;

namespace Adam.Bench.GrpcBench.Server;

/// <summary>The methods of <see cref="EchoService"/>, by the marshallers that the service and the SDK use.</summary>
internal static class EchoMethods
{
    private const string Service = "adam.bench.Echo";

    public static Method<TrainRequest, TrainResponse> Echo { get; } =
        new(MethodType.DuplexStreaming, Service, nameof(Echo), TensorMarshallers.TrainRequest, TensorMarshallers.TrainResponse);

    public static Method<TrainRequest, StageChunksResponse> Upload { get; } =
        new(MethodType.ClientStreaming, Service, nameof(Upload), TensorMarshallers.TrainRequest, TensorMarshallers.Of(StageChunksResponse.Parser));

    public static Method<ReadTensorsRequest, TrainResponse> Download { get; } =
        new(MethodType.ServerStreaming, Service, nameof(Download), TensorMarshallers.Of(ReadTensorsRequest.Parser), TensorMarshallers.TrainResponse);

    public static Method<BatchCommit, BatchCommit> Unary { get; } =
        new(MethodType.Unary, Service, nameof(Unary), TensorMarshallers.Of(BatchCommit.Parser), TensorMarshallers.Of(BatchCommit.Parser));

    public static void Bind(ServiceBinderBase binder, EchoService? service)
    {
        binder.AddMethod(Echo, service is null ? null : new DuplexStreamingServerMethod<TrainRequest, TrainResponse>(service.Echo));
        binder.AddMethod(Upload, service is null ? null : new ClientStreamingServerMethod<TrainRequest, StageChunksResponse>(service.Upload));
        binder.AddMethod(Download, service is null ? null : new ServerStreamingServerMethod<ReadTensorsRequest, TrainResponse>(service.Download));
        binder.AddMethod(Unary, service is null ? null : new UnaryServerMethod<BatchCommit, BatchCommit>(service.Unary));
    }
}
