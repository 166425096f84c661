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
        full.Tensors.Add(session.Definition.Normalised.Tensors);
        full.UninitializedTensors.Add(core.Uninitialized.Select(index => (uint)index));
        full.Workers.Add(core.Workers.All.Select(worker => new WorkerStatus
        {
            WorkerId = worker.Id,
            WorkerEpoch = worker.Epoch,
            NextSequence = worker.NextSequence,
            Connected = worker.Lease is not null,
        }));
        return full;
    }

    /// <summary>A session without its tensors and workers. Runs in its queue.</summary>
    public static V1.Session Summary(SessionActor session, SessionCore core)
    {
        var patterns = session.Definition.Normalised.Optimizer.Groups[0].ExcludeFromWeightDecay;
        return new V1.Session
        {
            SessionId = session.Definition.SessionId,
            SessionUid = session.Uid,
            Generation = session.Generation,
            Version = core.Version,
            DurableVersion = session.DurableVersion,
            State = core.State,
            Optimizer = OptimizerMapping.Write(core.Optimizer.Options, patterns),
            Groups = { core.DescribeGroup() },
            Labels = { core.Labels },
            Durability = new Durability { Tier = DurabilityTier.Memory },
            CreateTime = Timestamp.FromDateTimeOffset(session.CreateTime),
            LastUsedTime = Timestamp.FromDateTimeOffset(session.LastUsedTime),
            StateBytes = (ulong)session.Definition.StateBytes,
            KerasExact = KerasExactness.InexactReason.Length == 0,
            KerasInexactReason = KerasExactness.InexactReason,
            MaxChunkBytes = (ulong)session.Definition.ChunkBytesMax,
        };
    }
}
