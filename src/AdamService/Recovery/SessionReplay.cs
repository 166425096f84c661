using Adam.Engine;
using Adam.Service.ControlPlane;
using Adam.Service.DataPlane;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Storage.V1;
using Adam.V1;

namespace Adam.Service.Recovery;

/// <summary>Makes the changes of one session again that its log has, by the code that made them first.</summary>
/// <param name="session">The session, in the state before the first of them. Nobody else may use it yet.</param>
internal sealed class SessionReplay(SessionActor session)
{
    // Of the last batch that was replayed.
    private ulong _lastBatch;
    private uint _lastChecksum;
    private string _lastName = "";

    /// <summary>How many batches were compared with what the log says came out of them.</summary>
    public long Compared { get; private set; }

    /// <summary>How many changes were made again.</summary>
    public long Count { get; private set; }

    /// <summary>Makes the change of a record.</summary>
    /// <param name="sequence">The record.</param>
    /// <param name="head">What it is.</param>
    /// <param name="payload">Its elements, which stay until the task ends.</param>
    /// <exception cref="InvalidDataException">The record does not fit the session, or something else came out of it; says what.</exception>
    /// <exception cref="ServiceException">LIMIT_EXCEEDED: there is not enough memory.</exception>
    public async Task ApplyAsync(ulong sequence, LogHead head, NativePiece payload)
    {
        try
        {
            await MakeAsync(sequence, head, payload);
            Count += head.ChangeCase == LogHead.ChangeOneofCase.Decision ? 0 : 1;
        }
        catch (ServiceException refused) when (refused.Reason != ErrorReason.LimitExceeded)
        {
            throw new InvalidDataException($"it was made, but is refused now: {refused.Message}", refused);
        }
    }

    private async Task MakeAsync(ulong sequence, LogHead head, NativePiece payload)
    {
        switch (head.ChangeCase)
        {
            case LogHead.ChangeOneofCase.Batch:
                await ApplyAsync(sequence, head.BaseVersion, head.Batch, payload);
                break;
            case LogHead.ChangeOneofCase.Written:
                await MakeAsync(sequence, head, Read(head.Written, new RecordPayload(payload)));
                break;
            case LogHead.ChangeOneofCase.Updated:
                await MakeRefusableAsync(sequence, head, new UpdateChange(session, head.Updated));
                break;
            case LogHead.ChangeOneofCase.Finalized:
                await MakeAsync(sequence, head, new FinalizeChange(session));
                break;
            case LogHead.ChangeOneofCase.Restored:
                if (!await MakeAsync(sequence, head, Read(head.Restored, new RecordPayload(payload))))
                {
                    throw new InvalidDataException($"it restores an earlier state as generation {head.Restored.Generation}, which the session has already");
                }

                break;
            case LogHead.ChangeOneofCase.Deleted:
                throw new InvalidDataException("it deletes the session, and others come after it");
            case LogHead.ChangeOneofCase.Decision:
                await CompareAsync(head.BaseVersion, head.Decision);
                break;
            case LogHead.ChangeOneofCase.Created:
                throw new InvalidDataException("it creates the session, which is there");
            default:
                throw new InvalidDataException("it is of a kind that this build does not know");
        }
    }

    private Task<T> MakeAsync<T>(ulong sequence, LogHead head, SessionChange<T> change) =>
        session.ChangeAsync(new ReplayedChange<T>(sequence, head.BaseVersion, change), CancellationToken.None);

    // What was refused after it was logged is refused again, and has changed nothing.
    private async Task MakeRefusableAsync<T>(ulong sequence, LogHead head, SessionChange<T> change)
    {
        try
        {
            await MakeAsync(sequence, head, change);
        }
        catch (ServiceException refused) when (refused.Reason != ErrorReason.LimitExceeded)
        {
        }
    }

    private async Task ApplyAsync(ulong sequence, ulong baseVersion, CommittedBatch stored, NativePiece payload)
    {
        var batch = BatchRecord.Read(stored, new RecordPayload(payload), session.Definition);
        (_lastBatch, _lastName) = (sequence, $"batch {stored.Sequence} of worker '{stored.WorkerId}'");
        try
        {
            var change = new BatchChange(session, batch, core => core.Workers.FindOrRecall(stored.WorkerId, stored.WorkerEpoch));
            var answer = await session.ChangeAsync(new ReplayedChange<BatchAnswer>(sequence, baseVersion, change), CancellationToken.None);
            answer.Reply?.Dispose();
            _lastChecksum = change.ResultChecksum;
        }
        catch (ServiceException refused) when (refused.Reason == ErrorReason.NonfiniteGradient)
        {
            // As it was then: the values are known only to the step.
            _lastChecksum = 0;
        }
    }

    private async Task CompareAsync(ulong version, BatchDecision decision)
    {
        var (present, made) = await session.RunAsync(static core => (core.Version, core.LogSequence), CancellationToken.None);
        if (decision.LogSequence > made)
        {
            throw new InvalidDataException($"it says what came out of record {decision.LogSequence}, which is missing");
        }

        if (decision.LogSequence != _lastBatch)
        {
            // Of a batch that the snapshot has already.
            return;
        }

        Compared++;
        if (decision.ResultCrc32C != _lastChecksum || version != present)
        {
            throw new InvalidDataException(
                $"{_lastName} (record {_lastBatch}) had another result when it was applied first: version {version} and checksum "
                + $"{decision.ResultCrc32C:x8}, now {present} and {_lastChecksum:x8}");
        }
    }

    private RestoreChange Read(RestoredState restored, RecordPayload payload)
    {
        SessionRecord.Check(restored.State, session.Definition);
        return new RestoreChange(
            session,
            restored.State,
            StoredSlots.Read(restored.Slots, payload, session.Definition),
            restored.Generation,
            static pairs =>
            {
                foreach (var (from, to) in pairs)
                {
                    from.CopyTo(to);
                }
            });
    }

    private WriteChange Read(WrittenTensors written, RecordPayload payload)
    {
        return new WriteChange(
            session, null, StoredSlots.Read(written.Slots, payload, session.Definition), written.Commit ?? new WriteCommit());
    }
}
