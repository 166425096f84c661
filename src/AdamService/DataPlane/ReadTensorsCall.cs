using System.Globalization;
using Adam.Service.Codec;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace Adam.Service.DataPlane;

/// <summary><c>Training.ReadTensors</c>: weights or slots of one version, copied in the session's queue and then streamed.</summary>
internal sealed class ReadTensorsCall(SessionRegistry sessions, MemoryBudget budget, IOptions<LimitsOptions> limits)
{
    public async Task RunAsync(
        ReadTensorsRequest request, IServerStreamWriter<ReadTensorsResponse> responses, CancellationToken cancellationToken)
    {
        var session = sessions.Get(request.Session);
        session.Touch();
        var chunkBytes = ReplyPlan.ReadChunkBytes(request.ChunkBytes, limits.Value.ChunkBytesMax, "chunk_bytes");
        var parts = PartsOf(request, session.Definition);

        // Whether there is anything to send is asked first: an answer of a few bytes must not need memory for the whole model.
        var header = await session.RunAsync(core => Describe(request, session, core), cancellationToken);
        if (header.Unchanged)
        {
            await responses.WriteAsync(new ReadTensorsResponse { Header = header }, cancellationToken);
            return;
        }

        using var snapshot = ReplySnapshot.Reserve(parts, session.Definition, budget);
        header = await session.RunAsync(
            core =>
            {
                var described = Describe(request, session, core);
                snapshot.CopyFrom(core.Optimizer);
                return described;
            },
            cancellationToken);
        await responses.WriteAsync(new ReadTensorsResponse { Header = header }, cancellationToken);
        foreach (var chunk in snapshot.Chunks(chunkBytes))
        {
            await responses.WriteAsync(new ReadTensorsResponse { Chunk = chunk }, cancellationToken);
        }

        await responses.WriteAsync(new ReadTensorsResponse { End = new ReadEnd { Version = header.Version } }, cancellationToken);
    }

    private static List<(int Tensor, Slot Slot)> PartsOf(ReadTensorsRequest request, SessionDefinition session)
    {
        var slots = request.Slots.Count == 0 ? [Slot.Weights] : request.Slots.Distinct().ToList();
        var parts = slots.SelectMany(slot => TensorsOf(slot, request.Tensors, session).Select(tensor => (tensor, slot == Slot.Unspecified ? Slot.Weights : slot)))
            .ToList();
        foreach (var (tensor, _) in parts)
        {
            TensorWire.ThrowIfConverted(request.Dtype, session.Tensors[tensor], "dtype");
        }

        return parts;
    }

    private static IReadOnlyList<int> TensorsOf(Slot slot, TensorIndexes? listed, SessionDefinition session)
    {
        if (listed is null)
        {
            return SlotMapping.TensorsWith(slot, session, "slots");
        }

        var tensors = ReplyPlan.ReadIndexes(listed, session, "tensors.indexes");
        foreach (var tensor in tensors)
        {
            SlotMapping.Check(slot, session, tensor, "slots");
        }

        return tensors;
    }

    private static ReadHeader Describe(ReadTensorsRequest request, SessionActor session, SessionCore core)
    {
        if (request.HasVersion && request.Version != core.Version)
        {
            throw new ServiceException(
                ErrorReason.VersionEvicted,
                $"Version {request.Version} of session '{session.Definition.SessionId}' is not there; {core.Version} is. Leave version out to read it.",
                ("version", core.Version.ToString(CultureInfo.InvariantCulture)));
        }

        var unchanged = request.HasIfNewerThan && core.Version <= request.IfNewerThan;
        if (!unchanged)
        {
            core.ThrowIfNotReady();
        }

        return new ReadHeader
        {
            Version = core.Version,
            Generation = session.Generation,
            Unchanged = unchanged,
            Groups = { core.DescribeGroups() },
        };
    }
}
