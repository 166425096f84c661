using AdamGrpc.Tests.Wire;
using Grpc.Core;

namespace AdamGrpc.Tests.Support;

/// <summary>The echo service: it follows the script of its test.</summary>
public sealed class EchoService(EchoScript script) : Echo.EchoBase
{
    public override Task<EchoMessage> Unary(EchoMessage request, ServerCallContext context) => script.Unary(request, context);

    public override Task<EchoMessage> ClientStream(IAsyncStreamReader<EchoMessage> requestStream, ServerCallContext context) =>
        script.ClientStream(requestStream, context);

    public override Task ServerStream(
        EchoMessage request, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context) =>
        script.ServerStream(request, responseStream, context);

    public override Task Duplex(
        IAsyncStreamReader<EchoMessage> requestStream, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context) =>
        script.Duplex(requestStream, responseStream, context);
}
