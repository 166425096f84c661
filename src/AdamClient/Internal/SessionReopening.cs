using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Client.Internal;

/// <summary>Opens the stream of a worker again after it broke, and makes sure that nothing has happened meanwhile that the worker does not know.</summary>
internal sealed class SessionReopening(SessionOpening opening, OpenOptions options, ByteString opener, TimeProvider time)
{
    private long? _since;
    private int _failures;

    /// <summary>A batch has come through: the next break begins anew.</summary>
    public void NoteProgress() => (_since, _failures) = (null, 0);

    /// <summary>Tries until the stream is open or the time is over.</summary>
    /// <param name="standing">What the worker knows.</param>
    /// <param name="lastSent">The last batch that may have reached the service.</param>
    /// <param name="cause">Why the stream ended.</param>
    /// <param name="cancellationToken">Fires when the session is closed.</param>
    /// <exception cref="AdamException">The time is over, or the session cannot be gone on with.</exception>
    public async Task<TrainConnection> RunAsync(
        WorkerStanding standing, ulong lastSent, AdamException cause, CancellationToken cancellationToken)
    {
        var since = _since ??= time.GetTimestamp();
        while (true)
        {
            var pause = RetryPauses.Before(_failures++, RandomNumberGenerator.GetInt32(1024) / 1023.0);
            var left = Left(since) - pause;
            if (left <= TimeSpan.Zero)
            {
                throw TimedOut(standing, lastSent, cause);
            }

            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time, cancellationToken);
            }

            using var limit = new CancellationTokenSource(left < OneDay ? left : OneDay, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                return await OpenAsync(standing, lastSent, cause, either.Token);
            }
            catch (AdamException again) when (IsWorthAnotherAttempt(again))
            {
                cause = again;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw TimedOut(standing, lastSent, cause);
            }
        }
    }

    private static TimeSpan OneDay => TimeSpan.FromDays(1);

    // Limits may be reached for a moment, when everybody comes back at a time.
    private static bool IsWorthAnotherAttempt(AdamException failure) =>
        ConnectionBreak.Is(failure) || failure.StatusCode is StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted;

    private TimeSpan Left(long since) =>
        options.ReconnectTimeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : options.ReconnectTimeout - time.GetElapsedTime(since);

    private async Task<TrainConnection> OpenAsync(
        WorkerStanding standing, ulong lastSent, AdamException cause, CancellationToken cancellationToken)
    {
        try
        {
            // A takeover ends any stream of this worker: the service makes sure that the last one was this one's. An attempt whose answer was lost may have
            // been the last one too, which the opener tells it.
            var connection = await opening.OpenStreamAsync(
                standing.Reference, standing.WorkerId, options with { Takeover = true }, opener, standing.WorkerEpoch, cancellationToken);
            try
            {
                Check(standing, lastSent, connection.Opened);
                return connection;
            }
            catch
            {
                await connection.Stream.DisposeAsync();
                throw;
            }
        }
        catch (AdamException refused) when (!IsWorthAnotherAttempt(refused))
        {
            throw Explain(refused, standing, cause);
        }
    }

    // What was acknowledged is still there, and nothing is that this worker did not send.
    private static void Check(WorkerStanding standing, ulong lastSent, V1.TrainOpened opened)
    {
        if (opened.NextSequence < standing.NextSequence || opened.Version < standing.AcknowledgedVersion)
        {
            throw new AdamException(new AdamError(
                StatusCode.DataLoss,
                $"The service has forgotten what it had acknowledged, and did not say so by a new generation: it is at version {opened.Version} and expects batch "
                + $"{opened.NextSequence}, after it had been at version {standing.AcknowledgedVersion} and had answered batch {standing.NextSequence - 1}. Read the weights and open the "
                + "session again before training on."));
        }

        if (opened.NextSequence > lastSent + 1)
        {
            throw ErrorTranslator.ToException(new AdamError(
                StatusCode.Aborted,
                $"Batch {opened.NextSequence - 1} of worker '{standing.WorkerId}' was applied, and this session sent none after {lastSent}: somebody else trains as this worker. "
                + "Give each trainer a worker id of its own.")
            {
                Reason = "WORKER_FENCED",
            });
        }
    }

    // The same error, with what a trainer has to know of it that had been training.
    private static AdamException Explain(AdamException refused, WorkerStanding standing, AdamException cause)
    {
        var advice = refused switch
        {
            GenerationChangedException changed =>
                $"This session knew generation {standing.Reference.ExpectedGeneration} and version {standing.Version}; the service is at generation {changed.Generation} and version "
                + $"{changed.Version}, and steps that it had acknowledged may be gone. Read the weights, open the session by its id, and go on from its NextSequence and ClientCursor.",
            WorkerFencedException =>
                "That happened while this session had no connection. Stop this trainer, or open again with takeover to get the worker back.",
            SessionNotFoundException =>
                $"It was at version {standing.Version}. Sessions of tier MEMORY end with the service's process: make it again, from weights of your own if you kept some.",
            _ => null,
        };
        return advice is null
            ? refused
            : ErrorTranslator.ToException(new AdamError(refused.StatusCode, $"{refused.Message} {advice} The connection had been lost: {cause.Message}")
            {
                Reason = refused.ReasonText, Metadata = refused.Metadata, Cause = refused,
            });
    }

    private AdamException TimedOut(WorkerStanding standing, ulong lastSent, AdamException cause) => new(new AdamError(
        StatusCode.Unavailable,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The connection was lost and could not be had again within {options.ReconnectTimeout} (OpenOptions.ReconnectTimeout): {cause.Message} Batches {standing.NextSequence} to {lastSent} may "
            + $"have been applied. Open the session again with worker '{standing.WorkerId}' and its Reference, and compare NextSequence."))
    {
        Reason = cause.ReasonText, Metadata = cause.Metadata, Cause = cause,
    });
}
