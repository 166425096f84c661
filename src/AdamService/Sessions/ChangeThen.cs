using Adam.Service.Errors;

namespace Adam.Service.Sessions;

/// <summary>A change of which something else comes out, made in the same turn.</summary>
/// <param name="change">The change.</param>
/// <param name="map">Makes of its outcome what comes out.</param>
internal sealed class ChangeThen<TInner, T>(SessionChange<TInner> change, Func<SessionCore, TInner, T> map) : SessionChange<T>
{
    /// <inheritdoc/>
    public override bool ChangesValues => change.ChangesValues;

    /// <inheritdoc/>
    public override void Prepare(SessionCore core) => change.Prepare(core);

    /// <inheritdoc/>
    public override LoggedChange? ToLog(SessionCore core) => change.ToLog(core);

    /// <inheritdoc/>
    public override T Make(SessionCore core) => map(core, change.Make(core));

    /// <inheritdoc/>
    public override T Refuse(SessionCore core, ServiceException refusal) => map(core, change.Refuse(core, refusal));

    /// <inheritdoc/>
    public override void GiveBack() => change.GiveBack();
}
