using Google.Protobuf;

namespace Adam.Client.Internal;

/// <summary>Sessions and what they are made of, to the wire and back.</summary>
internal static class SessionMapping
{
    public static V1.SessionRef ToWire(SessionRef session)
    {
        var wire = new V1.SessionRef { SessionId = session.Id, SessionUid = ByteString.CopyFrom(session.Uid.Span) };
        if (session.ExpectedGeneration is { } generation)
        {
            wire.ExpectedGeneration = generation;
        }

        return wire;
    }

    public static SessionInfo FromWire(V1.Session session, bool isNew = false)
    {
        var group = session.Groups.FirstOrDefault() ?? new V1.GroupStatus();
        return new SessionInfo
        {
            Id = session.SessionId,
            Uid = session.SessionUid.Memory,
            Generation = session.Generation,
            Version = session.Version,
            DurableVersion = session.DurableVersion,
            State = FromWire(session.State),
            Optimizer = SettingsMapping.FromWire(session.Optimizer),
            Tensors = TensorMapping.FromWire(session.Tensors),
            Groups = GroupMapping.FromWire(session.Groups),
            Iterations = group.Iterations,
            EffectiveIterations = group.EffectiveIterations,
            LearningRate = group.LearningRate,
            Workers = [.. session.Workers.Select(worker =>
                new WorkerInfo(worker.WorkerId, worker.WorkerEpoch, worker.NextSequence, worker.Connected))],
            Labels = session.Labels.ToDictionary(),
            Durability = DurabilityMapping.FromWire(session.Durability),
            Lineage = DurabilityMapping.FromWire(session.Lineage),
            CreateTime = session.CreateTime?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch,
            LastUsedTime = session.LastUsedTime?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch,
            ExpireTime = session.ExpireTime?.ToDateTimeOffset(),
            Limits = LimitsMapping.FromWire(session.Limits),
            StateBytes = session.StateBytes,
            LossScale = FromWire(session.LossScale),
            KerasConfigJson = session.KerasConfigJson.Length > 0 ? session.KerasConfigJson : null,
            KerasInexactReason = session.KerasExact ? null : session.KerasInexactReason,
            MaxChunkBytes = session.MaxChunkBytes > 0 ? session.MaxChunkBytes : TensorChunks.DefaultBytes,
            UninitializedTensors = [.. session.UninitializedTensors.Select(index => (int)index)],
            IsNew = isNew,
        };
    }

    public static V1.LossScaleStatus ToWire(LossScaleStatus status) => new()
    {
        Scale = status.Scale,
        StepCounter = status.StepCounter,
        SkippedSteps = status.SkippedSteps,
    };

    public static SessionState FromWire(V1.SessionState state) => state switch
    {
        V1.SessionState.Created => SessionState.Created,
        V1.SessionState.Ready => SessionState.Ready,
        _ => SessionState.Unknown,
    };

    private static LossScaleStatus? FromWire(V1.LossScaleStatus? status) =>
        status is null ? null : new LossScaleStatus(status.Scale, status.StepCounter, status.SkippedSteps);
}
