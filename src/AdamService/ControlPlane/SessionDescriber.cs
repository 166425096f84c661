using Adam.Engine;
using Adam.Service.Sessions;
using Adam.V1;
using Google.Protobuf.WellKnownTypes;

namespace Adam.Service.ControlPlane;

/// <summary>Writes a session as the contract shows it.</summary>
internal static class SessionDescriber
{
    /// <summary>Everything about a session. Runs in its queue.</summary>
    public static V1.Session Full(SessionActor session, SessionCore core)
    {
        var full = Summary(session, core);
        full.KerasConfigJson = !session.Definition.HasLazyRows && KerasOptimizerJson.TryExport(core.Optimizer.Options, out var json) ? json : "";
        full.Tensors.Add(session.Definition.Normalised.Tensors);
        full.UninitializedTensors.Add(core.Uninitialized.Select(index => (uint)index));
        full.Workers.Add(Workers(core));
        return full;
    }

    /// <summary>Its workers. Runs in its queue.</summary>
    public static IEnumerable<WorkerStatus> Workers(SessionCore core) => core.Workers.All.Select(worker => new WorkerStatus
    {
        WorkerId = worker.Id,
        WorkerEpoch = worker.Epoch,
        NextSequence = worker.NextSequence,
        Connected = worker.Lease is not null,
    });

    /// <summary>A session without its tensors and workers. Runs in its queue.</summary>
    public static V1.Session Summary(SessionActor session, SessionCore core)
    {
        var created = session.Definition.Normalised.Optimizer;
        var options = core.Optimizer.Options;
        var inexactReason = KerasExactness.InexactReason(options, session.Definition.Tensors);
        return new V1.Session
        {
            SessionId = session.Definition.SessionId,
            SessionUid = session.Uid,
            Generation = session.Generation,
            Version = core.Version,
            DurableVersion = session.DurableVersion,
            State = core.State,
            Optimizer = OptimizerMapping.Write(options, DecayExclusions.PatternsOf(created, options.Groups.Length)),
            LossScale = core.DescribeLossScale(),
            Groups = { core.DescribeGroups() },
            Labels = { core.Labels },
            Durability = session.Definition.Normalised.Durability,
            Limits = SessionLimitsMapping.Describe(session.Definition.Bounds),
            CreateTime = Timestamp.FromDateTimeOffset(session.CreateTime),
            LastUsedTime = Timestamp.FromDateTimeOffset(session.LastUsedTime),
            ExpireTime = session.ExpireTime is { } expires ? Timestamp.FromDateTimeOffset(expires) : null,
            StateBytes = (ulong)session.Definition.StateBytes,
            KerasExact = inexactReason.Length == 0,
            KerasInexactReason = inexactReason,
            Lineage = session.Definition.Lineage,
            MaxChunkBytes = (ulong)session.Definition.ChunkBytesMax,
        };
    }
}
