using Adam.Service.Errors;
using Adam.Service.Threads;

namespace Adam.Service.Sessions;

/// <summary>
/// One change's turn in its session's queue. As the gate of its own piece it prepares the change and has it logged when it stands at the head of the
/// line; it passes when the log has it and nobody reads any more what it changes. Meanwhile it takes no thread.
/// </summary>
internal sealed class ChangeTurn<T>(SessionChange<T> change, SessionActor session, SessionCore core, IGate readers, Action<bool> resume) : IGate
{
    private bool _isPrepared;
    private LogAppend? _append;
    private Exception? _failure;

    /// <inheritdoc/>
    public bool TryPass()
    {
        if (!_isPrepared)
        {
            _isPrepared = true;
            Prepare();
        }

        return _append is not { IsCompleted: false } && (_failure is not null || !change.ChangesValues || readers.TryPass());
    }

    /// <summary>Makes the change, or says why not.</summary>
    public T Run()
    {
        if (core.Deleted)
        {
            throw session.DeletedError();
        }

        try
        {
            return _failure switch
            {
                null => Make(),
                ServiceException refusal => change.Refuse(core, refusal),
                var error => throw error,
            };
        }
        finally
        {
            change.GiveBack();
            session.AfterTurn();
        }
    }

    // What it throws is thrown again when the turn runs: a gate has nobody to throw to.
    private void Prepare()
    {
        if (core.Deleted)
        {
            return;
        }

        try
        {
            if (core.IsBroken)
            {
                throw StorageRefusals.Broken(session.Definition.SessionId);
            }

            change.Prepare(core);
            if (core.Log is { } log && change.ToLog(core) is { } logged)
            {
                _append = log.Append(logged, core.Version, resume);
            }
        }
#pragma warning disable CA1031 // Whatever it throws belongs to whoever waits for the change.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _failure = error;
        }
    }

    private T Make()
    {
        if (_append is { } append)
        {
            if (append.Refusal is { } refusal)
            {
                return change.Refuse(core, refusal);
            }

            core.LogSequence = append.Sequence;
        }

        var began = change.ChangesValues ? core.BeginChange() : null;
        try
        {
            return change.Make(core);
        }
        catch (ServiceException refusal)
        {
            return change.Refuse(core, refusal);
        }
        catch when (_append is not null)
        {
            core.Break();
            throw;
        }
        finally
        {
            core.EndChange(began);
        }
    }
}
