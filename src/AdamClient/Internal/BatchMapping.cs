using Google.Protobuf;

namespace Adam.Client.Internal;

/// <summary>The messages around the gradients of a batch.</summary>
internal static class BatchMapping
{
    /// <summary>The first message.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="overrides">Values for this batch alone.</param>
    /// <param name="tensors">Which tensors have a gradient, in order. Null: every trainable one.</param>
    public static V1.BatchBegin Begin(PendingBatch batch, V1.StepOverrides? overrides, IEnumerable<int>? tensors)
    {
        var begin = new V1.BatchBegin { Sequence = batch.Sequence, Reply = batch.Reply.ToWire(), Overrides = overrides };
        Given.Set(batch.Options.BaseVersion, version => begin.BaseVersion = version);
        Given.Set(batch.Options.LossScaleUsed, value => begin.LossScaleUsed = value);
        if (tensors is null)
        {
            begin.AllTensors = new V1.AllTensors();
        }
        else
        {
            begin.ListedTensors = new V1.TensorIndexes { Indexes = { tensors.Select(static tensor => (uint)tensor) } };
        }

        return begin;
    }

    /// <summary>The last message.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="digest">The digest of what was sent, or null.</param>
    public static V1.BatchCommit Commit(PendingBatch batch, V1.BatchDigest? digest) =>
        new() { ClientCursor = ByteString.CopyFrom(batch.Options.ClientCursor.Span), Digest = digest };
}
