using Adam.Bench.GrpcBench.Server;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Adam.Bench.GrpcBench.Clients;

/// <summary>The gRPC runtime's client with its own handler.</summary>
internal sealed class GrpcClient : ITransferClient
{
    private readonly GrpcChannel _channel;
    private readonly CallInvoker _invoker;
    private readonly TrainRequest _message;
    private readonly BatchCommit _small = new() { ClientCursor = ByteString.CopyFrom(new byte[Payload.SmallBytes - 2]) };

    public GrpcClient(int port)
    {
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        _invoker = _channel.CreateCallInvoker();
        _message = new TrainRequest
        {
            Chunk = new TensorChunk { Offset = 1, Dtype = DType.Float32, Data = UnsafeByteOperations.UnsafeWrap(new byte[Payload.MessageBytes]) },
        };
    }

    public async Task EchoAsync(int messages)
    {
        using var call = _invoker.AsyncDuplexStreamingCall(EchoMethods.Echo, null, default);
        Task sending = SendAsync(call.RequestStream, messages);
        await ReceiveAsync(call.ResponseStream, messages);
        await sending;
    }

    public async Task UploadAsync(int messages)
    {
        using var call = _invoker.AsyncClientStreamingCall(EchoMethods.Upload, null, default);
        await SendAsync(call.RequestStream, messages);
        await call.ResponseAsync;
    }

    public async Task DownloadAsync(int messages)
    {
        using var call = _invoker.AsyncServerStreamingCall(EchoMethods.Download, null, default, new ReadTensorsRequest { ChunkBytes = (uint)messages });
        await ReceiveAsync(call.ResponseStream, messages);
    }

    public async Task UnaryAsync(int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            using var call = _invoker.AsyncUnaryCall(EchoMethods.Unary, null, default, _small);
            await call.ResponseAsync;
        }
    }

    public void Dispose() => _channel.Dispose();

    private async Task SendAsync(IClientStreamWriter<TrainRequest> requests, int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            await requests.WriteAsync(_message);
        }

        await requests.CompleteAsync();
    }

    private static async Task ReceiveAsync(IAsyncStreamReader<TrainResponse> responses, int messages)
    {
        int received = 0;
        while (await responses.MoveNext(CancellationToken.None))
        {
            received += responses.Current.Chunk.Data.Length == Payload.MessageBytes ? 1 : 0;
            TensorPayload.Release(responses.Current.Chunk.Data);
        }

        if (received != messages)
        {
            throw new InvalidOperationException($"{received} of {messages} messages came.");
        }
    }
}
