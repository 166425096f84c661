using System.Globalization;
using Adam.Service.Codec;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.SharedMemory;
using Adam.V1;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace Adam.Service.DataPlane;

/// <summary><c>Training.OpenSharedMemory</c>: makes the regions of a worker and its session, and says how to get at them.</summary>
internal sealed class OpenSharedMemoryCall(
    SessionRegistry sessions, RegionBudget budget, Handovers handovers, IOptions<SharedMemoryOptions> options, ILogger<OpenSharedMemoryCall> logger)
{
    public async Task<OpenSharedMemoryResponse> RunAsync(OpenSharedMemoryRequest request, CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled)
        {
            throw Off();
        }

        var session = sessions.Get(request.Session);
        WorkerId.ThrowIfInvalid(request.WorkerId, "worker_id");
        session.Touch();
        var (hasGradients, hasWeights) = await session.RunAsync(
            core => (LeaseOf(core, request).Gradients is not null, core.SharedWeights is not null), cancellationToken);

        // The system fills the pages, which takes its time and is none of the queue's business.
        SharedGradientRegion? gradients = null;
        SharedWeights? weights = null;
        try
        {
            gradients = hasGradients ? null : MakeGradients(session, request.WorkerId);
            weights = hasWeights ? null : MakeWeights(session);
            return await session.ChangeAsync(
                core =>
                {
                    var lease = LeaseOf(core, request);
                    core.Share(ref weights);
                    lease.Share(ref gradients);
                    return Describe(session.Uid, lease.Gradients!, core.SharedWeights!);
                },
                cancellationToken);
        }
        finally
        {
            // What somebody else was faster with.
            gradients?.Dispose();
            weights?.Dispose();
        }
    }

    private static WorkerLease LeaseOf(SessionCore core, OpenSharedMemoryRequest request)
    {
        var worker = core.Workers.Find(request.WorkerId);
        if (worker is not null)
        {
            WorkerTable.CheckEpoch(worker, request.WorkerEpoch);
        }

        return worker?.Lease ?? throw new ServiceException(
            ErrorReason.SharedMemoryNotOpen,
            $"Worker '{request.WorkerId}' has no open Train stream, and shared memory lasts as long as one. Open it first and send its worker_epoch.",
            ("worker_id", request.WorkerId));
    }

    private SharedGradientRegion MakeGradients(SessionActor session, string workerId)
    {
        var purpose = $"Shared memory for the gradients of worker '{workerId}' of session '{session.Definition.SessionId}'";
        return new SharedGradientRegion(
            Make(session.Memory, RegionLayout.OfGradients(session.Definition.Tensors), purpose, SharedMemory.SharedRegion.WrittenByClient));
    }

    private SharedWeights MakeWeights(SessionActor session)
    {
        var purpose = $"Shared memory for the weights of session '{session.Definition.SessionId}'";
        return new SharedWeights(
            Make(session.Memory, RegionLayout.OfWeights(session.Definition.Tensors), purpose, SharedMemory.SharedRegion.WrittenByService));
    }

    private SharedMemory.SharedRegion Make(
        MemoryBudget memory, RegionLayout layout, string purpose, Func<RegionLayout, IDisposable, SharedMemory.SharedRegion> make)
    {
        var reservation = budget.Reserve(memory, layout.Bytes, purpose);
        try
        {
            return make(layout, reservation);
        }
        catch (IOException refused)
        {
            reservation.Dispose();
            SessionsLog.NoSharedMemory(logger, purpose, refused);
            throw new ServiceException(
                ErrorReason.LimitExceeded,
                $"{purpose}: {refused.Message} Close what is not needed, or send gradients over the stream.",
                ("limit", "system"),
                ("value", layout.Bytes.ToString(CultureInfo.InvariantCulture)),
                ("option", SharedMemoryOptions.Section));
        }
        catch
        {
            reservation.Dispose();
            throw;
        }
    }

    private OpenSharedMemoryResponse Describe(ByteString sessionUid, SharedGradientRegion gradients, SharedWeights weights) => new()
    {
        Gradients = Describe(gradients.Region),
        Weights = Describe(weights.Region),
        SocketPath = options.Value.SocketPath ?? "",
        Token = handovers.Give(sessionUid, gradients, weights),
        TokenSeconds = options.Value.TokenSeconds,
        ProcessId = Environment.ProcessId,
    };

    private static V1.SharedRegion Describe(SharedMemory.SharedRegion region) => new()
    {
        Bytes = (ulong)region.Layout.Bytes,
        DescriptorPath = region.DescriptorPath,
        Tensors =
        {
            region.Layout.Places.Select(place => new SharedTensor
            {
                TensorIndex = (uint)place.Tensor,
                Offset = (ulong)place.Offset,
                Dtype = TensorWire.ToWire(place.DType),
                Bytes = (ulong)place.Bytes,
            }),
        },
    };

    private static ServiceException Off()
    {
        const string Option = $"{SharedMemoryOptions.Section}:{nameof(SharedMemoryOptions.Enabled)}";
        return new ServiceException(
            ErrorReason.SharedMemoryOff,
            $"This service shares no memory with its clients. Send gradients over the Train stream, or set {Option}=true on a service on the same host.",
            ("option", Option));
    }
}
