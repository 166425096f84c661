using Adam.Service.Sessions;
using Adam.Storage.V1;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary>Changed settings as a change of their session.</summary>
/// <param name="session">The session.</param>
/// <param name="request">What is to change.</param>
internal sealed class UpdateChange(SessionActor session, UpdateSessionRequest request) : SessionChange<V1.Session>
{
    private readonly Action<SessionCore> _change = SessionUpdater.Read(request);

    /// <inheritdoc/>
    public override bool ChangesValues => false;

    /// <inheritdoc/>
    public override LoggedChange? ToLog(SessionCore core) => new(
        new LogHead { Updated = SessionUpdater.Canonical(request) }, []);

    /// <inheritdoc/>
    public override V1.Session Make(SessionCore core)
    {
        _change(core);
        return SessionDescriber.Full(session, core);
    }
}
