using Adam.Service.Sessions;
using Adam.Storage.V1;

namespace Adam.Service.ControlPlane;

/// <summary>The averages in the place of the weights, as a change of their session.</summary>
/// <param name="session">The session.</param>
internal sealed class FinalizeChange(SessionActor session) : SessionChange<V1.Session>
{
    /// <inheritdoc/>
    public override void Prepare(SessionCore core) => core.ThrowIfNotReady();

    /// <inheritdoc/>
    public override LoggedChange? ToLog(SessionCore core) => HasAverages(core) ? new(new LogHead { Finalized = new FinalizedValues() }, []) : null;

    /// <inheritdoc/>
    public override V1.Session Make(SessionCore core)
    {
        if (HasAverages(core))
        {
            core.FinalizeValues();
        }

        return SessionDescriber.Full(session, core);
    }

    private static bool HasAverages(SessionCore core) => core.Optimizer.Groups.Any(group => group.Options.UseEma);
}
