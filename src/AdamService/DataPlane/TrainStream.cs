using System.Threading.Channels;
using Adam.Service.Configuration;
using Adam.Service.Connections;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.DataPlane;

/// <summary>
/// One opened Train stream. One side reads batches and commits them, the other writes answers in the order of the commits,
/// so that a batch can come in while the reply of the one before goes out.
/// </summary>
internal sealed class TrainStream(
    SessionActor session,
    WorkerLease lease,
    ReplyPlan defaultReply,
    IAsyncStreamReader<TrainRequest> requests,
    IServerStreamWriter<TrainResponse> responses,
    ICallPatience patience,
    MemoryBudget budget,
    LimitsOptions limits,
    TimeSpan drain,
    ILogger logger)
{
    private static readonly WriteOptions MoreFollows = new(WriteFlags.BufferHint);

    /// <summary>Runs until the client has sent its last batch and has all answers.</summary>
    /// <param name="opened">The first answer.</param>
    /// <param name="callEnded">Fires when the client is gone or the deadline has passed.</param>
    /// <param name="stopping">Fires when the service stops: a batch that is begun may still be finished, and none is begun.</param>
    /// <param name="drained">Fires when it has waited long enough for that.</param>
    /// <exception cref="ServiceException">The stream cannot go on; batches that were committed are decided nevertheless.</exception>
    public async Task RunAsync(TrainOpened? opened, CancellationToken callEnded, CancellationToken stopping, CancellationToken drained)
    {
        // What ends the reading does not end the writing at once: a batch that was applied is answered, if the client listens.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(callEnded, session.Ended, lease.Fenced, drained);
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, stopping);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(callEnded);
        await using var silencing = rest.Token.Register(() => silence.CancelAfter(drain));
        var answers = Channel.CreateUnbounded<Task<BatchAnswer>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

        // A credit is taken at a commit and given back when its answer is written; without one, nothing is read.
        using var credits = new SemaphoreSlim(limits.CreditsPerStream);
        try
        {
            await responses.WriteAsync(new TrainResponse { Opened = opened }, silence.Token);

            // It names every tensor, and the stream may rest for weeks.
            opened = null;
            var writing = WriteAnswersAsync(answers.Reader, credits, stop, silence.Token);
            try
            {
                await ReadBatchesAsync(answers.Writer, credits, stop.Token, rest.Token);
            }
            finally
            {
                // Whatever ended the reading, what was committed is still answered, unless the stream itself is over.
                answers.Writer.TryComplete();
                await writing;
            }
        }
        catch (OperationCanceledException) when (rest.IsCancellationRequested && !callEnded.IsCancellationRequested)
        {
            throw WhyStopped();
        }
        finally
        {
            await DropAsync(answers.Reader);
        }
    }

    private async Task ReadBatchesAsync(
        ChannelWriter<Task<BatchAnswer>> answers, SemaphoreSlim credits, CancellationToken cancellationToken, CancellationToken betweenBatches)
    {
        using var batch = new IncomingBatch(session.Definition, defaultReply, limits.ChunkBytesMax, budget, session.Staging);
        TensorSink.Use(batch);
        while (await NextAsync(batch, batch.IsOpen ? cancellationToken : betweenBatches))
        {
            switch (requests.Current.MessageCase)
            {
                case TrainRequest.MessageOneofCase.Begin:
                    batch.Begin(requests.Current.Begin);
                    if (batch.IsWhole)
                    {
                        answers.TryWrite(await CommitAsync(batch.CommitShared(lease), credits, cancellationToken));
                    }

                    break;
                case TrainRequest.MessageOneofCase.Chunk:
                    batch.Add(requests.Current.Chunk);
                    TensorPayload.Release(requests.Current.Chunk.Data);
                    break;
                case TrainRequest.MessageOneofCase.Commit:
                    answers.TryWrite(await CommitAsync(batch.Commit(requests.Current.Commit), credits, cancellationToken));
                    break;
                default:
                    throw new ServiceException(
                        ErrorReason.ProtocolViolation, "Train: after open only begin, chunk and commit may come.");
            }
        }
    }

    // A trainer may compute for as long as it likes before it begins a batch; one that is begun holds memory.
    private Task<bool> NextAsync(IncomingBatch batch, CancellationToken cancellationToken)
    {
        patience.MayRest = !batch.IsOpen;
        return requests.MoveNext(cancellationToken);
    }

    // The outer task ends when the batch is in the session's queue, the inner one when it is decided.
    private async Task<Task<BatchAnswer>> CommitAsync(
        (ulong Sequence, StagedBatch? Staged, ServiceException? Refusal) batch, SemaphoreSlim credits, CancellationToken cancellationToken)
    {
        var (sequence, staged, refusal) = batch;
        try
        {
            await credits.WaitAsync(cancellationToken);
            var decided = await session.EnqueueChangeAsync(
                new TrainChange(session, lease, sequence, staged, refusal, logger), cancellationToken);
            return DisposeAfterAsync(decided, staged);
        }
        catch
        {
            staged?.Dispose();
            throw;
        }
    }

    private static async Task<BatchAnswer> DisposeAfterAsync(Task<BatchAnswer> decided, StagedBatch? staged)
    {
        using (staged)
        {
            return await decided;
        }
    }

    private async Task WriteAnswersAsync(
        ChannelReader<Task<BatchAnswer>> answers, SemaphoreSlim credits, CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        using var chunks = new ChunkSender<TrainResponse>(responses, static chunk => new TrainResponse { Chunk = chunk });
        try
        {
            await foreach (var decided in answers.ReadAllAsync(cancellationToken))
            {
                var answer = await decided;
                using (answer.Reply)
                {
                    await WriteAnswerAsync(answer, chunks, cancellationToken);
                }

                credits.Release();
            }
        }
        catch
        {
            // Nobody listens any more, or the worker was fenced: there is no use in reading on.
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task WriteAnswerAsync(BatchAnswer answer, ChunkSender<TrainResponse> chunks, CancellationToken cancellationToken)
    {
        responses.WriteOptions = answer.Reply is null ? null : MoreFollows;
        await responses.WriteAsync(new TrainResponse { Result = answer.Result }, cancellationToken);
        if (answer.Reply is not { } reply)
        {
            return;
        }

        await chunks.SendAsync(reply, answer.DType, answer.ChunkBytes, cancellationToken);
        var end = new ReplyEnd { Sequence = answer.Result.Sequence, Version = reply.Version };
        await responses.WriteAsync(new TrainResponse { ReplyEnd = end }, cancellationToken);
    }

    // Answers that nobody will be given still own memory.
    private static async Task DropAsync(ChannelReader<Task<BatchAnswer>> answers)
    {
        while (answers.TryRead(out var decided))
        {
            try
            {
                (await decided).Reply?.Dispose();
            }
#pragma warning disable CA1031 // Whatever became of it, the next one must still be looked at.
            catch (Exception)
#pragma warning restore CA1031
            {
                // It has no answer: there is nothing to give back.
            }
        }
    }

    private ServiceException WhyStopped()
    {
        if (session.Ended.IsCancellationRequested)
        {
            return session.DeletedError();
        }

        return lease.Fenced.IsCancellationRequested
            ? WorkerTable.Fenced(lease.Worker.Id, lease.Epoch, lease.FencedBy)
            : ServiceStop.Refusal();
    }
}
