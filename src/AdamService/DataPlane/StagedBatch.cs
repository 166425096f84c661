using System.Collections.Immutable;
using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.SharedMemory;
using Google.Protobuf;

namespace Adam.Service.DataPlane;

/// <summary>A committed batch on its way to the session: complete, checked, and owner of its buffers.</summary>
internal sealed class StagedBatch : IDisposable
{
    private Gradient[]? _staged;

    /// <summary>The worker's number of the batch.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>The version whose weights the gradients were computed from, if the client said.</summary>
    public required ulong? BaseVersion { get; init; }

    /// <summary>The gradients in the order of the manifest; empty if they are read where they lie.</summary>
    public required IReadOnlyList<(int Tensor, IStagedGradient Stage)> Gradients { get; init; }

    /// <summary>Where the client's data loader stands.</summary>
    public required ByteString ClientCursor { get; init; }

    /// <summary>The digest of the gradients, which has been checked; null if the client sent none.</summary>
    public required V1.BatchDigest? Digest { get; init; }

    /// <summary>What comes back.</summary>
    public required ReplyPlan Reply { get; init; }

    /// <summary>The loss scale that the gradients carry, if the client said.</summary>
    public required double? LossScaleUsed { get; init; }

    /// <summary>Numbers for this batch alone, one entry for each group; empty if there are none.</summary>
    public required Engine.StepOverrides[] Overrides { get; init; }

    /// <summary>What the mathematical library gave when the batch was first applied; empty unless it is applied again.</summary>
    public GroupScalars[] Scalars { get; init; } = [];

    /// <summary>Where the gradients are read in place, and which; null if they are staged.</summary>
    public (SharedGradientRegion Region, ImmutableArray<int> Tensors)? InPlace { get; init; }

    /// <summary>Does something with the gradients as the engine takes them.</summary>
    /// <exception cref="ServiceException">SHARED_MEMORY_NOT_OPEN: the memory in which they lay is gone.</exception>
    public T Use<T>(Func<Gradient[], T> step)
    {
        if (InPlace is not { } shared)
        {
            return step(_staged ??= ToEngine(Gradients));
        }

        using var hold = SharedBatches.Enter(shared.Region);
        var gradients = new Gradient[shared.Tensors.Length];
        for (var i = 0; i < gradients.Length; i++)
        {
            gradients[i] = new Gradient(shared.Tensors[i], hold[shared.Tensors[i]]);
        }

        return step(gradients);
    }

    /// <summary>The rows that the batch has values for, of a tensor with lazy rows: none if it has no gradient for it. Null: all.</summary>
    public long[]? RowsOf(int tensor)
    {
        if (InPlace is { } shared)
        {
            return shared.Tensors.Contains(tensor) ? null : [];
        }

        foreach (var (index, stage) in Gradients)
        {
            if (index == tensor)
            {
                return stage.Rows is { } rows ? rows.Ids.ToArray() : null;
            }
        }

        return [];
    }

    /// <summary>Gives the buffers back.</summary>
    public void Dispose()
    {
        foreach (var (_, stage) in Gradients)
        {
            stage.Dispose();
        }
    }

    private static Gradient[] ToEngine(IReadOnlyList<(int Tensor, IStagedGradient Stage)> staged)
    {
        var gradients = new Gradient[staged.Count];
        for (var i = 0; i < gradients.Length; i++)
        {
            var (tensor, stage) = staged[i];
            gradients[i] = new Gradient(tensor, stage.Elements) { Rows = stage.Rows };
        }

        return gradients;
    }
}
