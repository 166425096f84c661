using Adam.Storage.V1;

namespace Adam.Service.Sessions;

/// <summary>The end of a session as its last change.</summary>
/// <param name="isLogged">Whether its log is to know of it.</param>
/// <param name="end">Ends what of it is in memory.</param>
internal sealed class EndChange(bool isLogged, Action end) : SessionChange<bool>
{
    /// <inheritdoc/>
    public override bool ChangesValues => false;

    /// <inheritdoc/>
    public override LoggedChange? ToLog(SessionCore core) => isLogged ? new(new LogHead { Deleted = new DeletedSession() }, []) : null;

    /// <inheritdoc/>
    public override bool Make(SessionCore core)
    {
        end();
        return true;
    }
}
