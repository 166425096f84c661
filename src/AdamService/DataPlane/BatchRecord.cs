using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Sessions;
using Adam.Storage.V1;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.DataPlane;

/// <summary>A batch as the log holds it.</summary>
internal static class BatchRecord
{
    /// <summary>The record of a batch that is about to be applied.</summary>
    /// <param name="worker">Whose batch.</param>
    /// <param name="batch">The batch, whose gradients are staged.</param>
    /// <param name="scalars">What the step takes from the mathematical library.</param>
    public static LoggedChange Of(Worker worker, StagedBatch batch, IEnumerable<GroupScalars> scalars)
    {
        var stored = new CommittedBatch
        {
            WorkerId = worker.Id,
            WorkerEpoch = worker.HighestEpoch,
            Sequence = batch.Sequence,
            ClientCursor = batch.ClientCursor,
            Digest = batch.Digest,
            ReplyKind = batch.Reply.Kind,
            Scalars = { scalars.Select(Write) },
            Overrides = { batch.Overrides.Select(Write) },
        };
        if (batch.BaseVersion is { } baseVersion)
        {
            stored.BaseVersion = baseVersion;
        }

        if (batch.LossScaleUsed is { } scale)
        {
            stored.LossScaleUsed = scale;
        }

        var elements = new LoggedElements();
        foreach (var (tensor, stage) in batch.Gradients)
        {
            var gradient = new StoredGradient
            {
                TensorIndex = (uint)tensor,
                Dtype = TensorWire.ToWire(stage.Elements.DType),
                ElementCount = (ulong)stage.Elements.ElementCount,
            };
            if (stage.Rows is { } rows)
            {
                gradient.RowCount = (ulong)rows.Count;
                elements.Add(rows);
            }

            elements.Add(stage.Elements);
            stored.Gradients.Add(gradient);
        }

        return new LoggedChange(new LogHead { Batch = stored }, elements.Pieces);
    }

    /// <summary>The batch of a record, to be applied again. Nothing comes back for it.</summary>
    /// <param name="stored">The record.</param>
    /// <param name="payload">Its elements, which must stay until the batch was applied.</param>
    /// <param name="session">Whose batch it is.</param>
    /// <exception cref="InvalidDataException">The record does not fit the session.</exception>
    public static StagedBatch Read(CommittedBatch stored, RecordPayload payload, SessionDefinition session)
    {
        var gradients = new List<(int, IStagedGradient)>(stored.Gradients.Count);
        foreach (var gradient in stored.Gradients)
        {
            if (gradient.TensorIndex >= session.Tensors.Length)
            {
                throw new InvalidDataException($"The record has a gradient of tensor {gradient.TensorIndex}; the session has {session.Tensors.Length}.");
            }

            RowView? rows = gradient.HasRowCount ? payload.NextRows((long)gradient.RowCount) : null;
            var elements = payload.Next(TensorWire.ToEngine(gradient.Dtype), (long)gradient.ElementCount);
            gradients.Add(((int)gradient.TensorIndex, new StoredStage(elements, rows)));
        }

        payload.ThrowIfMore();
        return new StagedBatch
        {
            Sequence = stored.Sequence,
            BaseVersion = stored.HasBaseVersion ? stored.BaseVersion : null,
            Gradients = gradients,
            ClientCursor = stored.ClientCursor,
            Digest = stored.Digest,
            Reply = new ReplyPlan(stored.ReplyKind, [], DType.Unspecified, null, ReplyPlan.ChunkBytesMin),
            LossScaleUsed = stored.HasLossScaleUsed ? stored.LossScaleUsed : null,
            Overrides = [.. stored.Overrides.Select(Read)],
            Scalars = [.. stored.Scalars.Select(Read)],
        };
    }

    private static GroupScalars Read(StepScalars stored)
    {
        return new GroupScalars((int)stored.Group, stored.LearningRate, PowersOf(DType.Float32), PowersOf(DType.Float16));

        Engine.BetaPowers PowersOf(DType dtype) =>
            stored.Powers.FirstOrDefault(powers => powers.Dtype == dtype) is { } found ? new Engine.BetaPowers(found.Beta1, found.Beta2) : default;
    }

    private static Engine.StepOverrides Read(Overrides stored) => new(
        stored.HasLearningRate ? stored.LearningRate : null, stored.HasBeta1 ? stored.Beta1 : null, stored.HasBeta2 ? stored.Beta2 : null);

    private static StepScalars Write(GroupScalars scalars) => new()
    {
        Group = (uint)scalars.Group,
        LearningRate = scalars.LearningRate,
        Powers =
        {
            new Adam.Storage.V1.BetaPowers { Dtype = DType.Float32, Beta1 = scalars.Float32Powers.Beta1, Beta2 = scalars.Float32Powers.Beta2 },
            new Adam.Storage.V1.BetaPowers { Dtype = DType.Float16, Beta1 = scalars.Float16Powers.Beta1, Beta2 = scalars.Float16Powers.Beta2 },
        },
    };

    private static Overrides Write(Engine.StepOverrides overrides)
    {
        var stored = new Overrides();
        if (overrides.LearningRate is { } rate)
        {
            stored.LearningRate = rate;
        }

        if (overrides.Beta1 is { } beta1)
        {
            stored.Beta1 = beta1;
        }

        if (overrides.Beta2 is { } beta2)
        {
            stored.Beta2 = beta2;
        }

        return stored;
    }
}
