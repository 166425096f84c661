using Grpc.Core;

namespace Adam.Client.Internal;

/// <summary>Opens a stream and waits for the service to say where the worker stands.</summary>
internal sealed class SessionOpening(CallInvoker invoker, CallPolicy policy)
{
    public async Task<OptimizerSession> RunAsync(
        SessionRef session,
        OpenOptions options,
        string defaultWorkerId,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var workerId = options.WorkerId ?? defaultWorkerId;
        var open = new V1.TrainOpen
        {
            Session = SessionMapping.ToWire(session),
            WorkerId = workerId,
            Takeover = options.Takeover,
            DefaultReply = new V1.ReplySpec { Kind = StepMapping.ToWire(options.Reply) },
        };
        Given.Set(options.ReplyDType, dtype => open.DefaultReply.Dtype = ElementTypes.ToWire(dtype));

        TrainStream? stream = new TrainStream(invoker);
        try
        {
            var opened = await ExchangeAsync(stream, open, cancellationToken);
            var result = new OptimizerSession(session, workerId, options, stream, opened, new SharedMemoryOpening(invoker, policy));
            stream = null;
            return result;
        }
        finally
        {
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }
        }
    }

    private async Task<V1.TrainOpened> ExchangeAsync(TrainStream stream, V1.TrainOpen open, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (policy.Timeout is { } timeout)
        {
            limit.CancelAfter(timeout);
        }

        try
        {
            V1.TrainResponse first;
            await using (limit.Token.UnsafeRegister(static state => ((TrainStream)state!).Abort(), stream))
            {
                await stream.SendAsync(new V1.TrainRequest { Open = open }, more: false, limit.Token);
                first = await stream.ReceiveAsync(limit.Token);
            }

            // From here on the token has no effect; it may have had one when the answer was already here.
            if (stream.IsAborted)
            {
                throw new OperationCanceledException(limit.Token);
            }

            return first.Opened
                ?? throw ErrorTranslator.BrokenContract($"The service sent {first.MessageCase} as the first message of a stream.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The opening of the session was cancelled.", cancellationToken);
        }
        catch (OperationCanceledException timedOut)
        {
            throw new AdamException(new AdamError(
                StatusCode.DeadlineExceeded,
                $"The service did not open the session within {policy.Timeout}.")
            {
                Cause = timedOut,
            });
        }
    }
}
