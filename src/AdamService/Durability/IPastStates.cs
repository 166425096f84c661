using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Storage.V1;

namespace Adam.Service.Durability;

/// <summary>Earlier states of sessions, as far as snapshots and the log retain them.</summary>
internal interface IPastStates
{
    /// <summary>Makes a session of what another was.</summary>
    /// <param name="parent">The other session.</param>
    /// <param name="iterations">Raw iterations of its first group at that moment; of several such moments the first that is found.</param>
    /// <param name="adopt">Gives the record of the parent the new session's identity. It keeps the number of its log record.</param>
    /// <returns>The session, which nobody else knows yet.</returns>
    /// <exception cref="ServiceException">ITERATION_NOT_RETAINED, LIMIT_EXCEEDED, or the state is damaged.</exception>
    Task<SessionActor> MakeAsync(SessionActor parent, long iterations, Action<SessionState> adopt);
}
