using Adam.Engine;
using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Storage.Safetensors;
using Adam.V1;
using Stored = Adam.Storage.V1;

namespace Adam.Service.ControlPlane;

/// <summary>
/// <c>RestoreCheckpoint</c>: everything of the checkpoint takes the place of what the session has, its workers and their numbers too, as after a
/// crash. Version and generation rise; open streams end.
/// </summary>
internal sealed class RestoreCheckpointCall(
    SessionRegistry sessions,
    SnapshotStore snapshots,
    CheckpointStore checkpoints,
    SnapshotScheduler scheduler,
    ISessionMaker maker,
    MemoryBudget budget,
    StepThreads threads)
{
    /// <summary>Restores.</summary>
    /// <exception cref="ServiceException">It is refused; the session is as it was.</exception>
    public async Task<RestoreCheckpointResponse> RunAsync(RestoreCheckpointRequest request)
    {
        // 1. All of the file is in memory and checked before anything changes.
        CheckpointCalls.ThrowIfOff(checkpoints);
        var session = sessions.Get(request.Session);
        session.Touch();
        var source = request.Source ?? request.Session;
        var folder = CheckpointCalls.FolderOf(source, request.Source is null ? "session" : "source", sessions, snapshots);
        using var copy = StateCopy.Empty(
            session.Definition, budget, $"Checkpoint '{request.CheckpointId}', from which session '{session.Definition.SessionId}' is restored,");
        var state = await StorageRefusals.RefuseAsync(
            () => Background.RunAsync(() => Load(folder, request.CheckpointId, source.SessionId, session.Definition, copy)));

        while (true)
        {
            // 2. A generation that nobody else gets, whatever happens after this.
            var generation = await StorageRefusals.RefuseAsync(() => snapshots.NextGenerationAsync(session));

            // 3. The change. A restore that was faster in spite of an earlier number wants a later one.
            var change = new RestoreChange(
                session,
                state,
                [.. copy.Arrays.Select((array, i) => (array.Tensor, array.Slot, copy.Elements[i]))],
                generation,
                pairs => TensorCopy.Run(pairs, threads));
            var restored = await session.ChangeAsync(
                new ChangeThen<bool, V1.Session?>(change, (core, isMade) => isMade ? SessionDescriber.Full(session, core) : null), CancellationToken.None);
            if (restored is not null)
            {
                scheduler.Request(session);
                return new RestoreCheckpointResponse { Session = restored };
            }
        }
    }

    private Stored.SessionState Load(SessionFolder? folder, string id, string sessionId, SessionDefinition session, StateCopy copy)
    {
        using var file = checkpoints.Open(folder, id, sessionId);
        try
        {
            var header = StateFile.ReadHeader(file, null);
            CheckpointDifference.ThrowIfAny(maker.Define(header.State), session);
            SessionRecord.Check(header.State, session);
            var places = copy.Arrays.Select((array, i) => (Key: (array.Tensor, array.Slot), Place: copy.Elements[i]))
                .ToDictionary(pair => pair.Key, pair => pair.Place);
            StateFile.ReadData(file, header, header.Begin(session, array => places[(array.Tensor, array.Slot)]));
            return header.State;
        }
        catch (Exception damaged) when (damaged is SafetensorsException or SessionRecordException)
        {
            throw new ServiceException(
                ErrorReason.CheckpointDamaged, $"Checkpoint '{id}' is damaged: {damaged.Message}", ("checkpoint_id", id));
        }
    }
}
