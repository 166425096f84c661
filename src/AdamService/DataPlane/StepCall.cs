using Adam.Service.Codec;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.SharedMemory;
using Adam.V1;
using Microsoft.Extensions.Options;

namespace Adam.Service.DataPlane;

/// <summary><c>Training.Step</c>: one whole batch in one message, its reply in one message.</summary>
internal sealed class StepCall(SessionRegistry sessions, MemoryBudget budget, IOptions<LimitsOptions> limits)
{
    // What a response holds beside its tensors' data, generously.
    private const int ResponseOverheadBytes = 4096;
    private const int TensorOverheadBytes = 32;

    public async Task<StepResponse> RunAsync(StepRequest request, CancellationToken cancellationToken)
    {
        var session = sessions.Get(request.Session);
        WorkerId.ThrowIfInvalid(request.WorkerId, "worker_id");
        var shared = request.Begin?.SharedGradients is null ? null : await RegionOfAsync(session, request, cancellationToken);
        using var batch = Assemble(request, session.Definition, session.Staging, shared);

        // The response is small and is made before anything else happens to the session.
        var change = new BatchChange(session, batch, core => FindWorker(core, request));
        return await session.ChangeAsync(
            new ChangeThen<BatchAnswer, StepResponse>(
                change,
                static (_, answer) =>
                {
                    using var reply = answer.Reply;
                    return ToResponse(answer);
                }),
            cancellationToken);
    }

    private static Worker FindWorker(SessionCore core, StepRequest request)
    {
        var worker = core.Workers.FindOrMake(request.WorkerId);
        if (request.HasWorkerEpoch)
        {
            WorkerTable.CheckEpoch(worker, request.WorkerEpoch);
        }

        return worker;
    }

    private static Task<SharedGradientRegion> RegionOfAsync(SessionActor session, StepRequest request, CancellationToken cancellationToken)
    {
        if (request.Gradients.Count > 0 || request.Begin.SharedGradients.Commit is not null)
        {
            const string Fields = "gradients,begin.shared_gradients.commit";
            throw new ServiceException(
                ErrorReason.InvalidField,
                "begin.shared_gradients: the gradients lie in shared memory, so leave gradients out; digest and cursor stand in commit.",
                ("fields", Fields));
        }

        return session.RunAsync(
            core =>
            {
                var worker = core.Workers.Find(request.WorkerId);
                if (worker is not null && request.HasWorkerEpoch)
                {
                    WorkerTable.CheckEpoch(worker, request.WorkerEpoch);
                }

                return SharedBatches.RegionOf(worker?.Lease);
            },
            cancellationToken);
    }

    private StagedBatch Assemble(StepRequest request, SessionDefinition session, StagingMemory staging, SharedGradientRegion? shared)
    {
        var begin = request.Begin ?? throw new ServiceException(
            ErrorReason.InvalidField, "begin: say the batch's sequence.", ("fields", "begin"));
        if (begin.Reply is { ChunkBytes: > 0 })
        {
            throw new ServiceException(
                ErrorReason.InvalidField,
                "begin.reply.chunk_bytes: Step answers with whole tensors; leave it out, or use the Train stream.",
                ("fields", "begin.reply.chunk_bytes"));
        }

        // Gradients that are not in the message are no manifest either.
        var order = shared is not null ? null : new TensorIndexes { Indexes = { request.Gradients.Select(gradient => gradient.TensorIndex) } };
        using var assembly = new BatchAssembly(begin, order, null, session, limits.Value.ChunkBytesMax, budget, staging);
        ThrowIfReplyTooLarge(assembly.Reply, session);
        if (shared is not null)
        {
            return assembly.Complete(request.Commit, shared);
        }

        foreach (var gradient in request.Gradients)
        {
            assembly.Add(gradient);
        }

        return assembly.Complete(request.Commit);
    }

    // A reply that the client cannot receive must not be found out after the batch was applied.
    private void ThrowIfReplyTooLarge(ReplyPlan reply, SessionDefinition session)
    {
        var bytes = reply.Bytes(session) + (UInt128)(((long)reply.Tensors.Length * TensorOverheadBytes) + ResponseOverheadBytes);
        if (bytes > (UInt128)limits.Value.MessageBytesMax)
        {
            throw LimitExceeded.Of(
                $"The reply would be one message of about {bytes} bytes: ask for reply kind NONE and use ReadTensors, or train over the Train "
                + "stream",
                nameof(LimitsOptions.MessageBytesMax),
                limits.Value.MessageBytesMax);
        }
    }

    private static StepResponse ToResponse(BatchAnswer answer)
    {
        var response = new StepResponse { Result = answer.Result };
        if (answer.Reply is { } reply)
        {
            response.ReplyVersion = reply.Version;
            foreach (var part in reply.Parts)
            {
                var (tensor, slot, elements) = part;
                var dtype = TensorWire.SentType(answer.DType, elements.DType);
                response.Reply.Add(new TensorData
                {
                    TensorIndex = (uint)tensor,
                    Slot = slot,
                    Dtype = dtype,
                    RowIds = part.Rows is { } rows ? new RowIds { Ids = { rows } } : null,
                    Data = TensorWire.Copy(elements, dtype),
                });
            }
        }

        return response;
    }
}
