using System.Text;
using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Storage.Safetensors;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.ControlPlane;

/// <summary>The rpc surface of <c>adam.v1.Checkpoints</c>.</summary>
internal sealed class CheckpointsService(
    SessionRegistry sessions,
    SnapshotStore snapshots,
    CheckpointStore checkpoints,
    RestoreCheckpointCall restore,
    ExportSessionCall export,
    ImportSessionCall import) : Checkpoints.CheckpointsBase
{
    private const int PageSizeDefault = 100;
    private const int PageSizeMax = 1000;

    public override Task<SaveCheckpointResponse> SaveCheckpoint(SaveCheckpointRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(async () =>
        {
            CheckpointCalls.ThrowIfOff(checkpoints);
            if (request.CheckpointId.Length > 0)
            {
                CheckpointCalls.ThrowIfInvalid(request.CheckpointId);
            }

            var session = sessions.Get(request.Session);
            return new SaveCheckpointResponse
            {
                Checkpoint = await StorageRefusals.RefuseAsync(() => checkpoints.SaveAsync(session, request.CheckpointId, context.CancellationToken)),
            };
        });

    public override Task<ListCheckpointsResponse> ListCheckpoints(ListCheckpointsRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(async () =>
        {
            if (request.PageSize is < 0 or > PageSizeMax)
            {
                throw new ServiceException(
                    ErrorReason.InvalidField, $"page_size: expected 0 to {PageSizeMax}, received {request.PageSize}.", ("fields", "page_size"));
            }

            var folder = CheckpointCalls.FolderOf(request.Session, "session", sessions, snapshots);
            var all = await StorageRefusals.RefuseAsync(() => checkpoints.ListAsync(folder));
            var pageSize = request.PageSize == 0 ? PageSizeDefault : request.PageSize;
            var first = request.PageToken.Length == 0
                ? 0
                : all.Select(checkpoint => TokenOf(checkpoint.CheckpointId)).TakeWhile(token => token != request.PageToken).Count() + 1;
            var response = new ListCheckpointsResponse { Checkpoints = { all.Skip(first).Take(pageSize) } };
            if (first + pageSize < all.Count)
            {
                response.NextPageToken = TokenOf(response.Checkpoints[^1].CheckpointId);
            }

            return response;
        });

    public override Task<RestoreCheckpointResponse> RestoreCheckpoint(RestoreCheckpointRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(() => restore.RunAsync(request));

    public override Task<VerifyCheckpointResponse> VerifyCheckpoint(VerifyCheckpointRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(async () =>
        {
            var folder = CheckpointCalls.FolderOf(request.Session, "session", sessions, snapshots);
            return await StorageRefusals.RefuseAsync(() => Background.RunAsync(() =>
            {
                using var file = checkpoints.Open(folder, request.CheckpointId, request.Session.SessionId);
                try
                {
                    StateFile.Verify(file, StateFile.ReadHeader(file, null));
                    return new VerifyCheckpointResponse { Intact = true };
                }
                catch (SafetensorsException damaged)
                {
                    return new VerifyCheckpointResponse { Finding = damaged.Message };
                }
            }));
        });

    public override Task<DeleteCheckpointResponse> DeleteCheckpoint(DeleteCheckpointRequest request, ServerCallContext context) =>
        CallBoundary.RunAsync(async () =>
        {
            var folder = CheckpointCalls.FolderOf(request.Session, "session", sessions, snapshots);
            await StorageRefusals.RefuseAsync(() => checkpoints.DeleteAsync(folder, request.CheckpointId, request.Session.SessionId));
            return new DeleteCheckpointResponse();
        });

    public override Task ExportSession(
        ExportSessionRequest request, IServerStreamWriter<ExportSessionResponse> responseStream, ServerCallContext context) =>
        CallBoundary.RunAsync(() => export.RunAsync(request, responseStream, context.CancellationToken));

    public override Task<ImportSessionResponse> ImportSession(
        IAsyncStreamReader<ImportSessionRequest> requestStream, ServerCallContext context) =>
        CallBoundary.RunAsync(() => import.RunAsync(requestStream, context.CancellationToken));

    private static string TokenOf(string id) => Convert.ToBase64String(Encoding.UTF8.GetBytes(id));
}
