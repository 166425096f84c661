using System.Globalization;
using Adam.Service.Codec;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace Adam.Service.DataPlane;

/// <summary><c>Training.ReadTensors</c>: weights or slots of one version, lent in the session's queue and streamed from where they lie.</summary>
internal sealed class ReadTensorsCall(SessionRegistry sessions, IOptions<LimitsOptions> limits)
{
    public async Task RunAsync(
        ReadTensorsRequest request, IServerStreamWriter<ReadTensorsResponse> responses, CancellationToken cancellationToken)
    {
        var session = sessions.Get(request.Session);
        using var use = session.Usage.Begin();
        var chunkBytes = ReplyPlan.ReadChunkBytes(request.ChunkBytes, limits.Value.ChunkBytesMax, "chunk_bytes");
        var parts = PartsOf(request, session.Definition);

        var (header, lease) = await session.RunAsync(core => Begin(request, parts, session, core), cancellationToken);
        using (lease)
        {
            await responses.WriteAsync(new ReadTensorsResponse { Header = header }, cancellationToken);
            if (lease is null)
            {
                return;
            }

            using var chunks = new ChunkSender<ReadTensorsResponse>(responses, static chunk => new ReadTensorsResponse { Chunk = chunk });
            await chunks.SendAsync(lease, request.Dtype, chunkBytes, cancellationToken);
            await responses.WriteAsync(new ReadTensorsResponse { End = new ReadEnd { Version = header.Version } }, cancellationToken);
        }
    }

    private static List<(int Tensor, Slot Slot)> PartsOf(ReadTensorsRequest request, SessionDefinition session)
    {
        var slots = request.Slots.Count == 0 ? [Slot.Weights] : request.Slots.Distinct().ToList();
        var parts = slots.SelectMany(slot => TensorsOf(slot, request.Tensors, session).Select(tensor => (tensor, slot == Slot.Unspecified ? Slot.Weights : slot)))
            .ToList();
        TensorWire.ThrowIfNotSent(request.Dtype, "dtype");
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

    // No lease where there is nothing to send.
    private static (ReadHeader Header, ReadLease? Lease) Begin(
        ReadTensorsRequest request, List<(int Tensor, Slot Slot)> parts, SessionActor session, SessionCore core)
    {
        if (request.HasVersion && request.Version != core.Version)
        {
            throw new ServiceException(
                ErrorReason.VersionEvicted,
                $"Version {request.Version} of session '{session.Definition.SessionId}' is not there; {core.Version} is. Leave version out to read it.",
                ("version", core.Version.ToString(CultureInfo.InvariantCulture)));
        }

        if (request.HasIfNewerThan)
        {
            parts = [.. parts.Where(part => core.Versions[part.Tensor, SlotMapping.ToEngine(part.Slot)] > request.IfNewerThan)];
        }

        var unchanged = request.HasIfNewerThan && parts.Count == 0;
        if (!unchanged)
        {
            core.ThrowIfNotReady();
        }

        var header = new ReadHeader
        {
            Version = core.Version,
            Generation = session.Generation,
            Unchanged = unchanged,
            Groups = { core.DescribeGroups() },
        };
        return (header, unchanged ? null : core.Lend(parts));
    }
}
