using Grpc.Core;

namespace Adam.V1;

/// <summary>Puts the methods with other marshallers in the place of the generated ones.</summary>
internal sealed class TensorBinder(ServiceBinderBase binder) : ServiceBinderBase
{
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) => binder.AddMethod(method, handler);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        binder.AddMethod(Substitute(method, TensorMethods.WriteTensors), handler);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        binder.AddMethod(Substitute(method, TensorMethods.ReadTensors), handler);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        binder.AddMethod(Substitute(method, TensorMethods.Train), handler);

    private static Method<TRequest, TResponse> Substitute<TRequest, TResponse>(Method<TRequest, TResponse> method, IMethod other) =>
        method.FullName == other.FullName ? (Method<TRequest, TResponse>)other : method;
}
