using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Client.Internal;

/// <summary>Opens a stream and waits for the service to say where the worker stands.</summary>
/// <param name="invoker">Makes the calls.</param>
/// <param name="policy">How long they may take.</param>
/// <param name="attempts">How often a stream is tried to be opened while the service is unavailable, at least 1.</param>
/// <param name="time">What pauses go by.</param>
internal sealed class SessionOpening(CallInvoker invoker, CallPolicy policy, int attempts, TimeProvider time)
{
    private const int OpenerBytes = 16;

    public async Task<OptimizerSession> RunAsync(
        SessionRef session,
        OpenOptions options,
        string defaultWorkerId,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var workerId = options.WorkerId ?? defaultWorkerId;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (policy.Timeout is { } timeout)
        {
            limit.CancelAfter(timeout);
        }

        try
        {
            var opener = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(OpenerBytes));
            var connection = await OpenRepeatedlyAsync(session, workerId, options, opener, limit.Token);
            var standing = new WorkerStanding(session, workerId, connection.Opened);
            var reopening = options.ReconnectTimeout == TimeSpan.Zero ? null : new SessionReopening(this, options, opener, time);
            var pipeline = new BatchPipeline(standing, connection, new DecidedBatches(invoker, policy, new TensorsApi(invoker)), reopening);
            return new OptimizerSession(options, standing, pipeline, new SharedMemoryOpening(invoker, policy));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The opening of the session was cancelled.", cancellationToken);
        }
        catch (OperationCanceledException timedOut)
        {
            throw TimedOut(timedOut);
        }
    }

    /// <summary>Opens a stream, once.</summary>
    /// <param name="session">The session.</param>
    /// <param name="workerId">The worker.</param>
    /// <param name="options">How.</param>
    /// <param name="opener">By which an open session knows its own streams.</param>
    /// <param name="knownEpoch">The highest epoch of the worker that it knows of; null if whoever has the worker may be taken for granted.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="AdamException">It was refused, the service could not be reached, or took too long.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<TrainConnection> OpenStreamAsync(
        SessionRef session, string workerId, OpenOptions options, ByteString opener, ulong? knownEpoch, CancellationToken cancellationToken)
    {
        var open = new V1.TrainOpen
        {
            Session = SessionMapping.ToWire(session),
            WorkerId = workerId,
            Takeover = options.Takeover,
            Opener = opener,
            DefaultReply = new V1.ReplySpec { Kind = StepMapping.ToWire(options.Reply) },
        };
        Given.Set(knownEpoch, epoch => open.KnownEpoch = epoch);
        Given.Set(options.ReplyDType, dtype => open.DefaultReply.Dtype = ElementTypes.ToWire(dtype));

        TrainStream? stream = new TrainStream(invoker);
        try
        {
            var connection = new TrainConnection(stream, await ExchangeAsync(stream, open, cancellationToken));
            stream = null;
            return connection;
        }
        finally
        {
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }
        }
    }

    private async Task<TrainConnection> OpenRepeatedlyAsync(
        SessionRef session, string workerId, OpenOptions options, ByteString opener, CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            try
            {
                return await OpenStreamAsync(session, workerId, options, opener, null, cancellationToken);
            }
            catch (AdamException unavailable) when (unavailable.StatusCode == StatusCode.Unavailable && ++failures < attempts)
            {
                await Task.Delay(RetryPauses.Before(failures, RandomNumberGenerator.GetInt32(1024) / 1023.0), time, cancellationToken);
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
                await SendAsync(stream, open);
                first = await stream.ReceiveAsync();
            }

            // From here on the token has no effect; it may have had one when the answer was already here.
            limit.Token.ThrowIfCancellationRequested();
            return first.Opened
                ?? throw ErrorTranslator.BrokenContract($"The service sent {first.MessageCase} as the first message of a stream.");
        }
        catch (Exception stopped) when (limit.IsCancellationRequested && stopped is OperationCanceledException or AdamException { StatusCode: StatusCode.Cancelled })
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw TimedOut(stopped);
        }
    }

    private static async Task SendAsync(TrainStream stream, V1.TrainOpen open)
    {
        try
        {
            await stream.SendAsync(new V1.TrainRequest { Open = open }, more: false);
        }
        catch (StreamEndedException)
        {
            // The answer says why.
        }
    }

    private AdamException TimedOut(Exception cause) => new(new AdamError(
        StatusCode.DeadlineExceeded, $"The service did not open the session within {policy.Timeout}.") { Cause = cause });
}
