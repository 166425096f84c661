using Adam.Service.Configuration;
using Adam.Service.Connections;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace Adam.Service.DataPlane;

/// <summary><c>Training.Train</c>: opens the worker, runs its batches, and lets the worker go.</summary>
internal sealed class TrainCall(
    SessionRegistry sessions,
    MemoryBudget budget,
    IOptions<LimitsOptions> limits,
    IOptions<ServerOptions> server,
    ServiceStop stop,
    ILogger<TrainCall> logger)
{
    private const int OpenerBytesMax = 64;

    public async Task RunAsync(
        IAsyncStreamReader<TrainRequest> requests,
        IServerStreamWriter<TrainResponse> responses,
        ICallPatience patience,
        CancellationToken cancellationToken)
    {
        var open = await stop.RunAsync(either => ReadOpenAsync(requests, either), cancellationToken);
        var session = sessions.Get(open.Session);
        using var use = session.Usage.Begin();
        WorkerId.ThrowIfInvalid(open.WorkerId, "open.worker_id");
        if (open.Opener.Length > OpenerBytesMax)
        {
            throw new ServiceException(
                ErrorReason.InvalidField,
                $"open.opener: expected at most {OpenerBytesMax} bytes, received {open.Opener.Length}.",
                ("fields", "open.opener"));
        }

        if (open.RequiredFeatures.Count > 0)
        {
            throw RequiredFeatures.Unknown(open.RequiredFeatures);
        }

        var defaultReply = ReplyPlan.Read(open.DefaultReply, null, session.Definition, limits.Value.ChunkBytesMax, "open.default_reply");
        var (lease, opened) = await session.RunAsync(core => Open(open, session, core), cancellationToken);
        SessionsLog.WorkerOpened(logger, session.Definition.SessionId, open.WorkerId, lease.Epoch);
        try
        {
            var drain = TimeSpan.FromSeconds(server.Value.DrainSeconds);
            var stream = new TrainStream(session, lease, defaultReply, requests, responses, patience, budget, limits.Value, drain, logger);
            await stream.RunAsync(opened, cancellationToken, stop.Stopping, stop.Drained);
        }
        finally
        {
            await CloseAsync(session, lease);
            SessionsLog.WorkerLeft(logger, session.Definition.SessionId, open.WorkerId, lease.Epoch);
            lease.Dispose();
        }
    }

    private static async Task<TrainOpen> ReadOpenAsync(IAsyncStreamReader<TrainRequest> requests, CancellationToken cancellationToken) =>
        await requests.MoveNext(cancellationToken) && requests.Current.MessageCase == TrainRequest.MessageOneofCase.Open
            ? requests.Current.Open
            : throw new ServiceException(ErrorReason.ProtocolViolation, "Train: the first message must be open.");

    private (WorkerLease Lease, TrainOpened Opened) Open(TrainOpen open, SessionActor session, SessionCore core)
    {
        var lease = core.Workers.Open(open.WorkerId, open.Takeover, open.HasKnownEpoch ? open.KnownEpoch : null, open.Opener);
        var worker = lease.Worker;
        var opened = new TrainOpened
        {
            WorkerEpoch = lease.Epoch,
            SessionUid = session.Uid,
            Generation = session.Generation,
            Version = core.Version,
            DurableVersion = session.DurableVersion,
            NextSequence = worker.NextSequence,
            ClientCursor = worker.ClientCursor,
            Credits = (uint)limits.Value.CreditsPerStream,
            MaxChunkBytes = (ulong)limits.Value.ChunkBytesMax,
            LossScale = core.Optimizer.CurrentLossScale,
            Tensors = { session.Definition.Normalised.Tensors },
        };
        if (worker.Results.Find(worker.NextSequence - 1) is { } last)
        {
            // Its reply went to the stream that it was an answer of.
            opened.LastResult = last;
            opened.LastResult.ReplyKind = ReplyKind.None;
            BatchStep.Date(last, session);
        }

        return (lease, opened);
    }

    private static async Task CloseAsync(SessionActor session, WorkerLease lease)
    {
        try
        {
            await session.RunAsync(
                core =>
                {
                    core.Workers.Close(lease);
                    return true;
                },
                CancellationToken.None);
        }
        catch (ServiceException deleted) when (deleted.Reason == ErrorReason.SessionDeleted)
        {
            // With the session its workers are gone.
        }
    }
}
