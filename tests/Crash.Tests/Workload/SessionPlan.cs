using System.Runtime.InteropServices;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Crash.Tests.Workload;

/// <summary>What is trained: a session, and batches that depend on nothing but their number.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Tier">How safe it is.</param>
/// <param name="Optimizer">Its settings.</param>
/// <param name="Tensors">Its tensors.</param>
/// <param name="SnapshotEvery">After how many versions it is snapshotted; 0 for every 5 in tier SNAPSHOT, and for the service's own in tier LOG.</param>
internal sealed record SessionPlan(
    string SessionId, DurabilityTier Tier, OptimizerConfig Optimizer, IReadOnlyList<TensorSpec> Tensors, uint SnapshotEvery = 0)
{
    private const uint SnapshotEveryInTierSnapshot = 5;

    /// <summary>The request that makes it.</summary>
    /// <param name="tier">How safe; null for the plan's own.</param>
    public CreateSessionRequest ToRequest(DurabilityTier? tier = null) => new()
    {
        SessionId = SessionId,
        Optimizer = Optimizer,
        Tensors = { Tensors },
        InitialValues =
        {
            Tensors.Select((tensor, index) => new TensorData { TensorIndex = (uint)index, Data = Values(index, 0, Elements(tensor), 1f) }),
        },
        Durability = Durability(tier ?? Tier),
    };

    /// <summary>The batch of a number. A few list some tensors only, a few have an infinity where the session skips or rejects those.</summary>
    public StepRequest ToStep(ulong sequence)
    {
        var request = new StepRequest
        {
            Session = new SessionRef { SessionId = SessionId },
            WorkerId = "trainer",
            Begin = new BatchBegin { Sequence = sequence, Reply = new ReplySpec { Kind = ReplyKind.None } },
            Commit = new BatchCommit { ClientCursor = ByteString.CopyFromUtf8($"batch {sequence}") },
        };
        for (var index = 0; index < Tensors.Count; index++)
        {
            if (sequence % 7 == 3 && index == 1)
            {
                continue;
            }

            request.Gradients.Add(Gradient(index, sequence));
        }

        return request;
    }

    private TensorData Gradient(int index, ulong sequence)
    {
        var tensor = Tensors[index];
        if (tensor.RowUpdates != RowUpdates.Lazy)
        {
            var spoilt = sequence % 11 == 5 && Optimizer.LossScale is not null;
            return new TensorData
            {
                TensorIndex = (uint)index, Data = Values(index, sequence, Elements(tensor), spoilt ? float.PositiveInfinity : 0.01f),
            };
        }

        long[] rows = [(long)(sequence % (ulong)tensor.Shape[0]), (long)(sequence * 3 % (ulong)tensor.Shape[0])];
        return new TensorData
        {
            TensorIndex = (uint)index,
            RowIds = new RowIds { Ids = { rows } },
            Data = Values(index, sequence, rows.Length * (int)(Elements(tensor) / tensor.Shape[0]), 0.01f),
        };
    }

    private Durability Durability(DurabilityTier tier)
    {
        var every = SnapshotEvery > 0 ? SnapshotEvery : tier == DurabilityTier.Snapshot ? SnapshotEveryInTierSnapshot : 0;
        return tier != DurabilityTier.Memory && every > 0 ? new Durability { Tier = tier, SnapshotEverySteps = every } : new Durability { Tier = tier };
    }

    private static int Elements(TensorSpec tensor) => (int)tensor.Shape.Aggregate(1L, static (product, dimension) => product * dimension);

    private static ByteString Values(int tensor, ulong sequence, int count, float scale)
    {
        var values = new float[count];
        var state = (sequence * 0x9E3779B97F4A7C15) + ((ulong)tensor * 0xBF58476D1CE4E5B9) + 1;
        for (var i = 0; i < count; i++)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            values[i] = ((int)(state >> 40) - (1 << 23)) * (1f / (1 << 23)) * scale;
        }

        return ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values));
    }
}
