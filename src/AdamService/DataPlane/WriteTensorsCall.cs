using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace Adam.Service.DataPlane;

/// <summary><c>Training.WriteTensors</c>: stages what comes, and copies it into the session at the commit or not at all.</summary>
internal sealed class WriteTensorsCall(SessionRegistry sessions, IOptions<LimitsOptions> limits)
{
    public async Task<WriteTensorsResponse> RunAsync(IAsyncStreamReader<WriteTensorsRequest> requests, CancellationToken cancellationToken)
    {
        var begin = await ReadBeginAsync(requests, cancellationToken);
        var session = sessions.Get(begin.Session);
        using var use = session.Usage.Begin();
        var stages = new Dictionary<(int Tensor, AdamSlot Slot), TensorStage>();
        try
        {
            var commit = await StageAsync(requests, session.Definition, session.Staging, stages, cancellationToken);
            foreach (var stage in stages.Values)
            {
                stage.ThrowIfIncomplete();
            }

            WrittenCounters.CheckRows(stages, session.Definition);

            return await session.ChangeAsync(
                new WriteChange(
                    session,
                    begin.HasIfVersion ? begin.IfVersion : null,
                    [.. stages.Select(stage => (stage.Key.Tensor, stage.Key.Slot, stage.Value.Elements))],
                    commit),
                cancellationToken);
        }
        finally
        {
            foreach (var stage in stages.Values)
            {
                stage.Dispose();
            }
        }
    }

    private static async Task<WriteBegin> ReadBeginAsync(IAsyncStreamReader<WriteTensorsRequest> requests, CancellationToken cancellationToken)
    {
        if (!await requests.MoveNext(cancellationToken) || requests.Current.MessageCase != WriteTensorsRequest.MessageOneofCase.Begin)
        {
            throw Violation("The first message must be begin.");
        }

        return requests.Current.Begin;
    }

    private async Task<WriteCommit> StageAsync(
        IAsyncStreamReader<WriteTensorsRequest> requests,
        SessionDefinition session,
        StagingMemory staging,
        Dictionary<(int Tensor, AdamSlot Slot), TensorStage> stages,
        CancellationToken cancellationToken)
    {
        while (await requests.MoveNext(cancellationToken))
        {
            switch (requests.Current.MessageCase)
            {
                case WriteTensorsRequest.MessageOneofCase.Chunk:
                    Stage(requests.Current.Chunk, session, staging, stages);
                    TensorPayload.Release(requests.Current.Chunk.Data);
                    break;
                case WriteTensorsRequest.MessageOneofCase.Commit:
                    return await ThrowIfMoreAsync(requests.Current.Commit, requests, cancellationToken);
                default:
                    throw Violation("After begin only chunks and one commit may come.");
            }
        }

        throw Violation("The stream ended without commit; nothing was written.");
    }

    private void Stage(
        TensorChunk chunk, SessionDefinition session, StagingMemory staging, Dictionary<(int Tensor, AdamSlot Slot), TensorStage> stages)
    {
        ChunkLimit.ThrowIfExceeded(chunk, limits.Value.ChunkBytesMax);
        if (chunk.Codec is not null || chunk.RowIds is not null)
        {
            throw NotImplemented.Field("chunk.codec and chunk.row_ids", "Send raw dense elements; lists of rows are for gradients.");
        }

        var tensor = session.CheckIndex(chunk.TensorIndex, "chunk.tensor_index");
        var key = (tensor, SlotMapping.Check(chunk.Slot, session, tensor, "chunk.slot"));
        var array = SlotMapping.ArrayOf(key.Item2, session.Tensors[tensor]);
        TensorWire.ThrowIfConverted(chunk.Dtype, array, "chunk.dtype");
        if (!stages.TryGetValue(key, out var stage))
        {
            stage = new TensorStage(array, array.DType, staging);
            stages.Add(key, stage);
        }

        stage.Add(chunk.Offset, PlainEncoding.Of(stage.DType), chunk.Data);
    }

    private static async Task<WriteCommit> ThrowIfMoreAsync(
        WriteCommit commit, IAsyncStreamReader<WriteTensorsRequest> requests, CancellationToken cancellationToken) =>
        await requests.MoveNext(cancellationToken) ? throw Violation("Nothing may come after commit; nothing was written.") : commit;

    private static ServiceException Violation(string message) => new(ErrorReason.ProtocolViolation, $"WriteTensors: {message}");
}
