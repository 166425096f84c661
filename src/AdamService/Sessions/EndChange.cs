using Adam.Storage.V1;

namespace Adam.Service.Sessions;

/// <summary>The end of a session as its last change. False comes out if it is not to end.</summary>
/// <param name="isLogged">Whether its log is to know of it.</param>
/// <param name="condition">Whether it is to end; null for yes.</param>
/// <param name="end">Ends what of it is in memory.</param>
internal sealed class EndChange(bool isLogged, Func<SessionCore, bool>? condition, Action end) : SessionChange<bool>
{
    private bool _isWanted;

    /// <inheritdoc/>
    public override bool ChangesValues => false;

    /// <inheritdoc/>
    public override void Prepare(SessionCore core) => _isWanted = condition?.Invoke(core) != false;

    /// <inheritdoc/>
    public override LoggedChange? ToLog(SessionCore core) =>
        isLogged && _isWanted ? new(new LogHead { Deleted = new DeletedSession() }, []) : null;

    /// <inheritdoc/>
    public override bool Make(SessionCore core)
    {
        if (_isWanted)
        {
            end();
        }

        return _isWanted;
    }
}
