using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;
using Microsoft.Extensions.Options;

namespace Adam.Service.DataPlane;

/// <summary>
/// <c>Training.BeginBatch</c>, <c>StageChunks</c> and <c>CommitBatch</c>: what a Train stream does with a batch, call by call. What it would
/// refuse is a failed call here and changes nothing.
/// </summary>
internal sealed class OpenBatchCalls(SessionRegistry sessions, OpenBatches open, MemoryBudget budget, IOptions<LimitsOptions> limits)
{
    public async Task<BeginBatchResponse> BeginAsync(BeginBatchRequest request, CancellationToken cancellationToken)
    {
        var session = sessions.Get(request.Session);
        WorkerId.ThrowIfInvalid(request.WorkerId, "worker_id");
        var begin = request.Begin ?? throw new ServiceException(
            ErrorReason.InvalidField, "begin: say the batch's sequence and which gradients come.", ("fields", "begin"));
        var assembly = Assemble(begin, session);
        try
        {
            var epoch = await session.RunAsync(core => EpochOf(core, request), cancellationToken);
            session.Touch();
            var batch = open.Add(session, request.WorkerId, epoch, assembly);
            return new BeginBatchResponse { BatchToken = batch.Token, MaxChunkBytes = (ulong)limits.Value.ChunkBytesMax };
        }
        catch
        {
            assembly.Dispose();
            throw;
        }
    }

    public StageChunksResponse Stage(StageChunksRequest request)
    {
        var batch = open.Get(request.BatchToken);
        batch.Session.Touch();
        var missing = batch.Stage(request.Chunks, limits.Value.ChunkBytesMax);
        return new StageChunksResponse { MissingElements = (ulong)UInt128.Min(missing, ulong.MaxValue) };
    }

    public async Task<CommitBatchResponse> CommitAsync(CommitBatchRequest request, CancellationToken cancellationToken)
    {
        var batch = open.Get(request.BatchToken);
        using var staged = batch.Complete(request.Commit);
        open.Remove(batch);
        var answer = await batch.Session.ChangeAsync(
            new BatchChange(batch.Session, staged, core => FindWorker(batch, core)), cancellationToken);
        return new CommitBatchResponse { Result = answer.Result };
    }

    private BatchAssembly Assemble(BatchBegin begin, SessionActor session)
    {
        if (begin.SharedGradients is not null)
        {
            throw new ServiceException(
                ErrorReason.InvalidField,
                "begin.shared_gradients: a batch in shared memory needs no staging. Send it on the Train stream, or with Step.",
                ("fields", "begin.shared_gradients"));
        }

        var chunkBytesMax = limits.Value.ChunkBytesMax;
        var nothing = ReplyPlan.Read(
            new ReplySpec { Kind = ReplyKind.None }, null, session.Definition, chunkBytesMax, "begin.reply");
        var assembly = new BatchAssembly(begin, null, nothing, session.Definition, chunkBytesMax, budget, session.Staging);
        if (assembly.Reply.Kind != ReplyKind.None)
        {
            assembly.Dispose();
            throw new ServiceException(
                ErrorReason.InvalidField,
                "begin.reply.kind: CommitBatch answers with the result alone. Leave it out or say REPLY_KIND_NONE, and read the weights with ReadTensors.",
                ("fields", "begin.reply.kind"));
        }

        return assembly;
    }

    private static ulong EpochOf(SessionCore core, BeginBatchRequest request)
    {
        var worker = core.Workers.FindOrMake(request.WorkerId);
        if (request.HasWorkerEpoch)
        {
            WorkerTable.CheckEpoch(worker, request.WorkerEpoch);
        }

        return worker.Epoch;
    }

    private static Worker FindWorker(OpenBatch batch, SessionCore core)
    {
        var worker = core.Workers.FindOrMake(batch.WorkerId);
        WorkerTable.CheckEpoch(worker, batch.WorkerEpoch);
        return worker;
    }
}
