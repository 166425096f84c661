using Grpc.Core;

namespace Adam.V1;

/// <summary>The methods of <see cref="Training"/> that carry tensors, bound to <see cref="TensorMarshallers"/>.</summary>
public static class TensorMethods
{
    private static readonly string Service = Training.Descriptor.FullName;

    /// <summary><c>Training.Train</c>.</summary>
    public static Method<TrainRequest, TrainResponse> Train { get; } = new(
        MethodType.DuplexStreaming, Service, nameof(Train), TensorMarshallers.TrainRequest, TensorMarshallers.TrainResponse);

    /// <summary><c>Training.WriteTensors</c>.</summary>
    public static Method<WriteTensorsRequest, WriteTensorsResponse> WriteTensors { get; } = new(
        MethodType.ClientStreaming,
        Service,
        nameof(WriteTensors),
        TensorMarshallers.WriteTensorsRequest,
        TensorMarshallers.Of(WriteTensorsResponse.Parser));

    /// <summary><c>Training.ReadTensors</c>.</summary>
    public static Method<ReadTensorsRequest, ReadTensorsResponse> ReadTensors { get; } = new(
        MethodType.ServerStreaming,
        Service,
        nameof(ReadTensors),
        TensorMarshallers.Of(ReadTensorsRequest.Parser),
        TensorMarshallers.ReadTensorsResponse);

    /// <summary>Binds the generated base class of <see cref="Training"/>, the methods with tensors by these marshallers.</summary>
    /// <param name="binder">Where methods are added.</param>
    /// <param name="service">Null: the binder finds the handlers by the names of the methods.</param>
    public static void Bind(ServiceBinderBase binder, Training.TrainingBase? service) =>
        Training.BindService(new TensorBinder(binder), service);
}
