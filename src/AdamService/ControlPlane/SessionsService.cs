using System.Text;
using Adam.Service.Configuration;
using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace Adam.Service.ControlPlane;

/// <summary>The rpc surface of <c>adam.v1.Sessions</c>.</summary>
internal sealed class SessionsService(
    SessionRegistry sessions,
    SessionFactory factory,
    EstimateSessionCall estimate,
    DeleteSessionsCall delete,
    WatchSessionCall watch,
    ForkSessionCall fork,
    IdleExpiry expiry,
    SnapshotStore snapshots,
    SetAsideErasure erasure,
    IOptions<LimitsOptions> limits,
    ILogger<SessionsService> logger)
    : V1.Sessions.SessionsBase
{
    private const int PageSizeDefault = 100;
    private const int PageSizeMax = 1000;

    public override Task<CreateSessionResponse> CreateSession(CreateSessionRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(async () =>
        {
            var definition = factory.Define(request);
            var session = sessions.Find(definition.SessionId);
            var created = false;
            if (session is null)
            {
                var candidate = factory.Create(definition, request);
                session = await sessions.BeginAsync(candidate);
                created = ReferenceEquals(session, candidate);
            }

            if (created)
            {
                expiry.Watch(session);
                SessionsLog.Created(logger, definition.SessionId, definition.Tensors.Length, definition.StateBytes);
            }
            else
            {
                ThrowIfDifferent(session, definition, request);

                // Whoever asks for it is about to use it.
                session.Touch();
            }

            return new CreateSessionResponse
            {
                Session = await session.RunAsync(core => SessionDescriber.Full(session, core), context.CancellationToken),
                Created = created,
            };
        });

    public override Task<GetSessionResponse> GetSession(GetSessionRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(async () =>
        {
            var session = sessions.Get(request.Session);
            return new GetSessionResponse
            {
                Session = await session.RunAsync(core => SessionDescriber.Full(session, core), context.CancellationToken),
            };
        });

    public override Task<ListSessionsResponse> ListSessions(ListSessionsRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(async () =>
        {
            if (request.PageSize is < 0 or > PageSizeMax)
            {
                throw new ServiceException(
                    ErrorReason.InvalidField, $"page_size: expected 0 to {PageSizeMax}, received {request.PageSize}.", ("fields", "page_size"));
            }

            var pageSize = request.PageSize == 0 ? PageSizeDefault : request.PageSize;
            var after = ReadPageToken(request.PageToken);
            var response = new ListSessionsResponse();
            var (bytes, pageBytesMax) = (0L, limits.Value.MessageBytesMax / 2);
            foreach (var session in sessions.All.Where(session => string.CompareOrdinal(session.Definition.SessionId, after) > 0))
            {
                if (await DescribeIfLabelledAsync(session, request.Labels, context.CancellationToken) is not { } summary)
                {
                    continue;
                }

                // A page is one message: it ends before it is too large for one.
                bytes += summary.CalculateSize();
                if (response.Sessions.Count == pageSize || (bytes > pageBytesMax && response.Sessions.Count > 0))
                {
                    response.NextPageToken = Convert.ToBase64String(Encoding.UTF8.GetBytes(response.Sessions[^1].SessionId));
                    break;
                }

                response.Sessions.Add(summary);
            }

            return response;
        });

    public override Task<UpdateSessionResponse> UpdateSession(UpdateSessionRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(async () =>
        {
            var session = sessions.Get(request.Session);
            var change = new UpdateChange(session, request);
            session.Touch();
            return new UpdateSessionResponse { Session = await session.ChangeAsync(change, context.CancellationToken) };
        });

    public override Task<DeleteSessionResponse> DeleteSession(DeleteSessionRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(async () =>
        {
            if (request.Session is { } reference && sessions.FindSetAside(reference.SessionId) is { } damaged)
            {
                ThrowIfOther(reference, damaged.Uid);
                await erasure.EraseAsync(damaged);
                SessionsLog.Deleted(logger, damaged.SessionId);
                return new DeleteSessionResponse();
            }

            // What an earlier start has left of one: its checkpoints.
            if (request.Session is { } left && sessions.Find(left.SessionId) is null && snapshots.FindById(left.SessionId) is { } past)
            {
                ThrowIfOther(left, past.Manifest.SessionUid);
                await StorageRefusals.RefuseAsync(() => snapshots.DeleteAsync(past.Manifest.SessionUid));
                return new DeleteSessionResponse();
            }

            var session = sessions.Get(request.Session);
            await sessions.RemoveAsync(session);
            SessionsLog.Deleted(logger, session.Definition.SessionId);
            return new DeleteSessionResponse();
        });

    public override Task<FinalizeSessionResponse> FinalizeSession(FinalizeSessionRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(async () =>
        {
            var session = sessions.Get(request.Session);
            session.Touch();
            return new FinalizeSessionResponse { Session = await session.ChangeAsync(new FinalizeChange(session), context.CancellationToken) };
        });

    public override Task<DeleteSessionsResponse> DeleteSessions(DeleteSessionsRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(() => delete.RunAsync(request, context.CancellationToken));

    public override Task<EstimateSessionResponse> EstimateSession(EstimateSessionRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(() => estimate.RunAsync(request));

    public override Task<ForkSessionResponse> ForkSession(ForkSessionRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(() => fork.RunAsync(request, context.CancellationToken));

    public override Task<AddTensorsResponse> AddTensors(AddTensorsRequest request, ServerCallContext context) =>
        throw NotImplemented.Rpc("AddTensors", "Make a second session for the added tensors.");

    public override Task WatchSession(
        WatchSessionRequest request, IServerStreamWriter<WatchSessionResponse> responseStream, ServerCallContext context) =>
        CallBoundary.RunAsync(() => watch.RunAsync(request, responseStream, context.CancellationToken));

    private static void ThrowIfOther(SessionRef reference, Google.Protobuf.ByteString uid)
    {
        if (!reference.SessionUid.IsEmpty && reference.SessionUid != uid)
        {
            throw new ServiceException(
                ErrorReason.SessionReplaced,
                $"What is on disk of session '{reference.SessionId}' is not of the session_uid that was sent. Leave it out if this one is meant.",
                ("session_id", reference.SessionId));
        }
    }

    private static void ThrowIfDifferent(SessionActor existing, SessionDefinition asked, CreateSessionRequest request)
    {
        // What the service decides may have been decided otherwise when the session was created.
        if (request.Durability is null or { Tier: DurabilityTier.Unspecified })
        {
            asked.Normalised.Durability.Tier = existing.Definition.Tier;
        }

        RequestDifference.ThrowIfAny(existing.Definition.Normalised, asked.Normalised);
    }

    private static string ReadPageToken(string token)
    {
        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw new ServiceException(
                ErrorReason.InvalidField, "page_token: not one that this service has given out.", ("fields", "page_token"));
    }

    // Null for a session without the labels, and for one that was deleted while the list was made.
    private static async Task<V1.Session?> DescribeIfLabelledAsync(
        SessionActor session, IDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        try
        {
            return await session.RunAsync(
                core => LabelReader.Contains(core.Labels, labels)
                    ? SessionDescriber.Summary(session, core)
                    : null,
                cancellationToken);
        }
        catch (ServiceException deleted) when (deleted.Reason == ErrorReason.SessionDeleted)
        {
            return null;
        }
    }
}
