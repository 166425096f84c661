using System.Collections.Concurrent;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.V1;
using Microsoft.Extensions.Options;

namespace Adam.Service.Sessions;

/// <summary>All sessions of this process, by id.</summary>
internal sealed class SessionRegistry(IOptions<LimitsOptions> limits, SessionLogs? logs = null)
{
    private readonly ConcurrentDictionary<string, SessionActor> _sessions = new(StringComparer.Ordinal);

    // Admission counts before it adds, so two creations must not count at the same time.
    private readonly Lock _admission = new();

    // Sessions on disk that could not be made again, by id.
    private readonly ConcurrentDictionary<string, SetAsideSession> _setAside = new(StringComparer.Ordinal);

    // Not empty while sessions are read from disk: how far that is.
    private volatile string _recovering = "";

    /// <summary>Told of every session that is added, before anybody can find it.</summary>
    public event Action<SessionActor>? Added;

    /// <summary>Deletes what is on disk of a session that has ended for good. Null: nothing is.</summary>
    public Func<SessionActor, Task>? Erase { get; set; }

    /// <summary>All sessions, in order of their ids.</summary>
    /// <exception cref="ServiceException">RECOVERING.</exception>
    public IEnumerable<SessionActor> All
    {
        get
        {
            ThrowIfRecovering();
            return _sessions.Values.OrderBy(session => session.Definition.SessionId, StringComparer.Ordinal);
        }
    }

    /// <summary>Where the reading of sessions from disk stands, as a sentence. Not empty: nobody finds any session.</summary>
    public string Recovering
    {
        get => _recovering;
        set => _recovering = value;
    }

    /// <summary>The session, or null.</summary>
    /// <exception cref="ServiceException">RECOVERING. SESSION_DAMAGED: it is on disk and could not be made again.</exception>
    public SessionActor? Find(string sessionId)
    {
        ThrowIfRecovering();
        return _sessions.GetValueOrDefault(sessionId)
            ?? (_setAside.TryGetValue(sessionId, out var damaged) ? throw damaged.Refusal() : null);
    }

    /// <summary>Adds a session that was made again. Limits are for those that are made anew.</summary>
    public void Restore(SessionActor session)
    {
        Added?.Invoke(session);
        _sessions[session.Definition.SessionId] = session;
    }

    /// <summary>Notes a session that could not be made again: calls to it are told why.</summary>
    public void SetAside(SetAsideSession session) => _setAside[session.SessionId] = session;

    /// <summary>A session that could not be made again, or null.</summary>
    public SetAsideSession? FindSetAside(string sessionId) => _setAside.GetValueOrDefault(sessionId);

    /// <summary>Forgets a session that could not be made again: it was deleted.</summary>
    public void Forget(SetAsideSession session) => _setAside.TryRemove(KeyValuePair.Create(session.SessionId, session));

    /// <summary>The session that a call means.</summary>
    /// <exception cref="ServiceException">INVALID_FIELD, SESSION_NOT_FOUND, SESSION_REPLACED or GENERATION_CHANGED.</exception>
    public SessionActor Get(SessionRef? reference)
    {
        if (reference is null || reference.SessionId.Length == 0)
        {
            throw new ServiceException(ErrorReason.InvalidField, "session.session_id: say which session.", ("fields", "session.session_id"));
        }

        if (reference.RequiredFeatures.Count > 0)
        {
            throw RequiredFeatures.Unknown(reference.RequiredFeatures);
        }

        var session = Find(reference.SessionId) ?? throw new ServiceException(
            ErrorReason.SessionNotFound,
            $"There is no session '{reference.SessionId}'. Create it, or list what there is with ListSessions.",
            ("session_id", reference.SessionId));
        session.Verify(reference);
        return session;
    }

    /// <summary>Begins a session, unless there is one of its id: then the candidate ends.</summary>
    /// <param name="candidate">The session.</param>
    /// <param name="hasPast">Whether it was made from another's state.</param>
    /// <returns>The session that is there now.</returns>
    /// <exception cref="ServiceException">
    /// LIMIT_EXCEEDED: there are too many. STORAGE_FULL or STORAGE_FAILED: it would not survive a crash as its tier promises.
    /// </exception>
    public async Task<SessionActor> BeginAsync(SessionActor candidate, bool hasPast = false)
    {
        candidate.Log = logs?.Of(candidate.Definition.Tier, candidate.Uid);
        Task<bool>? creation = null;
        var isPresent = false;
        try
        {
            // First in line, so that whoever finds the session waits behind it.
            var session = Add(candidate, () => creation = candidate.ChangeAsync(new CreateChange(candidate, hasPast), CancellationToken.None));
            if (creation is not null)
            {
                isPresent = await creation;
            }

            return session;
        }
        finally
        {
            // What was reserved goes back.
            if (!isPresent)
            {
                Drop(candidate);
                await candidate.EndAsync(isLogged: false);
                candidate.Log?.Forget();
            }
        }
    }

    /// <summary>Why there may not be one more session now; null if there may.</summary>
    /// <param name="sessionId">Its id.</param>
    public ServiceException? RefusalOfOneMore(string sessionId) => _sessions.Count < limits.Value.SessionsMax
        ? null
        : LimitExceeded.Of(
            $"There are {_sessions.Count} sessions and '{sessionId}' would be one more", nameof(LimitsOptions.SessionsMax), limits.Value.SessionsMax);

    /// <summary>Adds a session, unless there is one of its id.</summary>
    /// <param name="session">The session.</param>
    /// <param name="adding">Called before anybody can find it, if it is added.</param>
    /// <returns>The session that is there now.</returns>
    /// <exception cref="ServiceException">LIMIT_EXCEEDED: there are too many.</exception>
    public SessionActor Add(SessionActor session, Action adding)
    {
        lock (_admission)
        {
            if (Find(session.Definition.SessionId) is { } existing)
            {
                return existing;
            }

            if (RefusalOfOneMore(session.Definition.SessionId) is { } refusal)
            {
                throw refusal;
            }

            adding();
            Added?.Invoke(session);
            _sessions[session.Definition.SessionId] = session;
            return session;
        }
    }

    /// <summary>Ends a session if it is to end, and takes it out.</summary>
    /// <param name="session">The session.</param>
    /// <param name="condition">Asked in its turn whether it is to end.</param>
    /// <returns>Whether this has ended it.</returns>
    public async Task<bool> TryRemoveAsync(SessionActor session, Func<SessionCore, bool> condition)
    {
        var ended = await session.EndAsync(isLogged: true, condition);
        if (ended)
        {
            await EraseAsync(session);
        }

        return ended;
    }

    /// <summary>Ends a session and takes it out.</summary>
    /// <exception cref="ServiceException">
    /// SESSION_DELETED: somebody else was faster. STORAGE_FULL or STORAGE_FAILED: its log could not take note of it, and it is there still.
    /// </exception>
    public async Task RemoveAsync(SessionActor session)
    {
        if (!await session.EndAsync(isLogged: true))
        {
            throw session.DeletedError();
        }

        await EraseAsync(session);
    }

    /// <summary>Takes out a session that has ended, or that could not begin.</summary>
    public void Drop(SessionActor session) => _sessions.TryRemove(KeyValuePair.Create(session.Definition.SessionId, session));

    // What cannot be erased is there again after the next start, unless the log knows better; whoever deletes it is told.
    private async Task EraseAsync(SessionActor session)
    {
        try
        {
            await (Erase?.Invoke(session) ?? Task.CompletedTask);
        }
        finally
        {
            Drop(session);
        }
    }

    private void ThrowIfRecovering()
    {
        if (_recovering is { Length: > 0 } where)
        {
            throw new ServiceException(ErrorReason.Recovering, $"The service is reading its sessions from disk ({where}); try again.");
        }
    }
}
