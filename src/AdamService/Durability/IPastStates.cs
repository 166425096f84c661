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
    /// <param name="cancellationToken">Ends the wait for others that are being made, and the making.</param>
    /// <returns>The session, which nobody else knows yet.</returns>
    /// <exception cref="ServiceException">
    /// ITERATION_NOT_RETAINED, with those that are; LIMIT_EXCEEDED; STORAGE_FAILED; SESSION_DAMAGED: what is kept cannot be read.
    /// </exception>
    Task<SessionActor> MakeAsync(SessionActor parent, long iterations, Action<SessionState> adopt, CancellationToken cancellationToken);
}
