using Adam.Service.Errors;
using Stored = Adam.Storage.V1;

namespace Adam.Service.Sessions;

/// <summary>Makes sessions again that were written down.</summary>
internal interface ISessionMaker
{
    /// <summary>What a record says that a session was created as; nothing is made yet.</summary>
    /// <exception cref="SessionRecordException">The record is not one of a session, or of a later build.</exception>
    /// <exception cref="ServiceException">Its definition is refused: it breaks a limit of the service, or is none.</exception>
    SessionDefinition Define(Stored.SessionState state);

    /// <summary>Makes the session: reserves its memory, allocates it, and makes it what it was.</summary>
    /// <param name="definition">What <see cref="Define"/> gave.</param>
    /// <param name="state">The record.</param>
    /// <param name="generation">Its generation from now on.</param>
    /// <param name="fill">Fills the arrays, which are zero. What it throws ends the making.</param>
    /// <exception cref="SessionRecordException">The record is not one of this definition.</exception>
    /// <exception cref="ServiceException">LIMIT_EXCEEDED: there is not enough memory.</exception>
    SessionActor Make(SessionDefinition definition, Stored.SessionState state, ulong generation, Action<SessionCore> fill);
}
