using Grpc.Core;

namespace Adam.Client.Internal;

/// <summary>Asks for what a stream that broke did not bring: the result of a batch that was decided, and what its reply would be now.</summary>
internal sealed class DecidedBatches(CallInvoker invoker, CallPolicy policy, TensorsApi tensors)
{
    /// <summary>What became of a batch that was decided before a stream was opened.</summary>
    /// <exception cref="AdamException">The service no longer knows, or another batch had its number.</exception>
    public async Task<V1.BatchResult> FindAsync(
        WorkerStanding standing, TrainConnection connection, PendingBatch batch, CancellationToken cancellationToken)
    {
        var result = connection.Opened.LastResult is { } last && last.Sequence == batch.Sequence
            ? last.Clone()
            : await AskAsync(standing, batch.Sequence, cancellationToken);
        if (result.Digest is { } digest && batch.Digest is { } own && !digest.Equals(own))
        {
            throw ErrorTranslator.ToException(new AdamError(
                StatusCode.FailedPrecondition,
                $"While the connection was lost, batch {batch.Sequence} of worker '{standing.WorkerId}' was decided with other gradients (another digest): somebody else trains "
                + "as this worker. Give each trainer a worker id of its own.")
            {
                Reason = "BATCH_DIFFERS",
            });
        }

        if (result.Outcome == V1.BatchOutcome.Duplicate)
        {
            // It is a repeat to the service only because it was asked about; the caller sent it once.
            result.Outcome = result.OriginalOutcome;
        }

        result.ReplyKind = batch.Reply.KindAfterwards;
        return result;
    }

    /// <summary>Reads what the reply would be now.</summary>
    /// <returns>The result of the batch with it.</returns>
    public async Task<StepResult> ReadReplyAsync(
        WorkerStanding standing, PendingBatch batch, StepResult result, CancellationToken cancellationToken)
    {
        var kind = StepMapping.FromWire(batch.Reply.KindAfterwards);
        var slot = kind == ReplyKind.Average ? TensorSlot.Average : TensorSlot.Weights;
        var destinations = batch.Reply.ToDestinations(slot);
        var request = batch.Reply.ToRead(slot);
        request.Session = SessionMapping.ToWire(standing.Reference);
        var header = await tensors.ReadAsync(request, destinations, cancellationToken);
        return result with
        {
            WasInterrupted = true, Reply = kind, ReplyVersion = header.Version, ReceivedTensors = destinations.Received,
        };
    }

    private async Task<V1.BatchResult> AskAsync(WorkerStanding standing, ulong sequence, CancellationToken cancellationToken)
    {
        var request = new V1.GetBatchResultRequest
        {
            Session = SessionMapping.ToWire(standing.Reference), WorkerId = standing.WorkerId, Sequence = sequence,
        };
        var call = new V1.Training.TrainingClient(invoker).GetBatchResultAsync(request, policy.Unary(cancellationToken));
        return (await CallPolicy.RunAsync(call, cancellationToken)).Result;
    }
}
