using Adam.Engine;
using Google.Protobuf;

namespace Adam.Service.DataPlane;

/// <summary>A committed batch on its way to the session: complete, checked, and owner of its buffers.</summary>
internal sealed class StagedBatch : IDisposable
{
    /// <summary>The worker's number of the batch.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>The version whose weights the gradients were computed from, if the client said.</summary>
    public required ulong? BaseVersion { get; init; }

    /// <summary>The gradients in the order of the manifest.</summary>
    public required IReadOnlyList<(int Tensor, TensorStage Stage)> Gradients { get; init; }

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

    /// <summary>The gradients as the engine takes them.</summary>
    public Gradient[] ToGradients() => [.. Gradients.Select(gradient => new Gradient(gradient.Tensor, gradient.Stage.Elements))];

    /// <summary>Gives the buffers back.</summary>
    public void Dispose()
    {
        foreach (var (_, stage) in Gradients)
        {
            stage.Dispose();
        }
    }
}
