using Adam.Engine;
using Adam.Service.Configuration;
using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Safetensors;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace Adam.Service.ControlPlane;

/// <summary><c>ExportSession</c>: a session as a file, out of a copy in memory, or a checkpoint as it lies on disk.</summary>
internal sealed class ExportSessionCall(
    SessionRegistry sessions,
    SnapshotStore snapshots,
    CheckpointStore checkpoints,
    MemoryBudget budget,
    StepThreads threads,
    IOptions<LimitsOptions> limits,
    TimeProvider time)
{
    /// <summary>Sends it.</summary>
    public Task RunAsync(ExportSessionRequest request, IServerStreamWriter<ExportSessionResponse> responses, CancellationToken cancellationToken) =>
        request.CheckpointId.Length == 0
            ? SendPresentAsync(sessions.Get(request.Session), responses, cancellationToken)
            : StorageRefusals.RefuseAsync(() => SendCheckpointAsync(request, responses, cancellationToken));

    private async Task SendPresentAsync(
        SessionActor session, IServerStreamWriter<ExportSessionResponse> responses, CancellationToken cancellationToken)
    {
        using var copy = await StateCopy.TakeAsync(session, budget, threads, cancellationToken);
        var image = await Background.RunAsync(() => StateImage.Of(copy, time.GetUtcNow()));
        await responses.WriteAsync(Begin(copy.State.Version, image.Length), cancellationToken);
        for (var pieces = image.Pieces(limits.Value.ChunkBytesMax); pieces.MoveNext();)
        {
            await responses.WriteAsync(new ExportSessionResponse { Data = ByteString.CopyFrom(pieces.Current) }, cancellationToken);
        }
    }

    private async Task SendCheckpointAsync(
        ExportSessionRequest request, IServerStreamWriter<ExportSessionResponse> responses, CancellationToken cancellationToken)
    {
        var folder = CheckpointCalls.FolderOf(request.Session, "session", sessions, snapshots);
        using var file = checkpoints.Open(folder, request.CheckpointId, request.Session.SessionId);
        var (version, length) = await Background.RunAsync(() => (ReadVersion(file, request.CheckpointId), file.Length));
        await responses.WriteAsync(Begin(version, length), cancellationToken);
        for (long offset = 0; offset < length;)
        {
            var piece = await Background.RunAsync(() => Read(file, offset, (int)Math.Min(limits.Value.ChunkBytesMax, length - offset)));
            await responses.WriteAsync(new ExportSessionResponse { Data = piece }, cancellationToken);
            offset += piece.Length;
        }
    }

    private static ulong ReadVersion(DurableFile file, string id)
    {
        try
        {
            return StateFile.ReadHeader(file, null).State.Version;
        }
        catch (SafetensorsException damaged)
        {
            throw new ServiceException(
                ErrorReason.CheckpointDamaged, $"Checkpoint '{id}' is damaged: {damaged.Message}", ("checkpoint_id", id));
        }
    }

    private static ByteString Read(DurableFile file, long offset, int count)
    {
        var bytes = new byte[count];
        return file.Read(bytes, offset) == count
            ? UnsafeByteOperations.UnsafeWrap(bytes)
            : throw new StorageFailedException($"{file.Path} became shorter while it was read.");
    }

    private static ExportSessionResponse Begin(ulong version, long bytes) =>
        new() { Begin = new ExportBegin { Version = version, SizeBytes = (ulong)bytes } };
}
