using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Tests.Support;

/// <summary>A batch by unary calls.</summary>
internal sealed class OpenBatchClient(TestService service, ByteString token)
{
    public ByteString Token { get; } = token;

    public static async Task<OpenBatchClient> BeginAsync(TestService service, string sessionId, BatchBegin begin, string worker = "w", ulong? epoch = null)
    {
        var request = new BeginBatchRequest { Session = Requests.Ref(sessionId), WorkerId = worker, Begin = begin };
        if (epoch is { } known)
        {
            request.WorkerEpoch = known;
        }

        return new OpenBatchClient(service, (await service.Training.BeginBatchAsync(request, TestService.Call())).BatchToken);
    }

    public static BatchBegin Begin(ulong sequence) => new() { Sequence = sequence, AllTensors = new AllTensors() };

    /// <returns>The elements that are missing.</returns>
    public async Task<ulong> StageAsync(params TensorChunk[] chunks) => (await service.Training.StageChunksAsync(
        new StageChunksRequest { BatchToken = Token, Chunks = { chunks } }, TestService.Call())).MissingElements;

    public async Task<BatchResult> CommitAsync(BatchCommit? commit = null) => (await service.Training.CommitBatchAsync(
        new CommitBatchRequest { BatchToken = Token, Commit = commit }, TestService.Call())).Result;
}
