using System.Diagnostics.CodeAnalysis;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Bench.GrpcBench.Server;

/// <summary>Tensors go back, in, or out, by the marshallers that the service uses.</summary>
[BindServiceMethod(typeof(EchoMethods), nameof(EchoMethods.Bind))]
[SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "The runtime calls methods of an instance.")]
internal sealed class EchoService
{
    /// <summary>Sends every chunk back.</summary>
    public async Task Echo(IAsyncStreamReader<TrainRequest> requests, IServerStreamWriter<TrainResponse> responses, ServerCallContext context)
    {
        while (await requests.MoveNext(context.CancellationToken))
        {
            TensorChunk chunk = requests.Current.Chunk;
            await responses.WriteAsync(new TrainResponse { Chunk = chunk });
            TensorPayload.Release(chunk.Data);
        }
    }

    /// <summary>Takes chunks.</summary>
    public async Task<StageChunksResponse> Upload(IAsyncStreamReader<TrainRequest> requests, ServerCallContext context)
    {
        while (await requests.MoveNext(context.CancellationToken))
        {
            TensorPayload.Release(requests.Current.Chunk.Data);
        }

        return new StageChunksResponse();
    }

    /// <summary>Sends as many chunks as the request says bytes.</summary>
    public async Task Download(ReadTensorsRequest request, IServerStreamWriter<TrainResponse> responses, ServerCallContext context)
    {
        ByteString data = UnsafeByteOperations.UnsafeWrap(new byte[Payload.MessageBytes]);
        for (uint i = 0; i < request.ChunkBytes; i++)
        {
            await responses.WriteAsync(new TrainResponse { Chunk = new TensorChunk { Offset = i, Dtype = DType.Float32, Data = data } });
        }
    }

    /// <summary>Sends a small message back.</summary>
    public Task<BatchCommit> Unary(BatchCommit request, ServerCallContext context) => Task.FromResult(request);
}
