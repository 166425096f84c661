using Adam.Engine;
using Adam.Storage.V1;

namespace Adam.Service.Sessions;

/// <summary>The creation of a session as its first change: when it is made, the session is known to survive.</summary>
/// <param name="session">The session.</param>
internal sealed class CreateChange(SessionActor session) : SessionChange<bool>
{
    /// <inheritdoc/>
    public override bool ChangesValues => false;

    /// <inheritdoc/>
    public override LoggedChange? ToLog(SessionCore core)
    {
        core.Log!.Hold();
        var created = new CreatedSession { State = SessionRecord.Write(session, core) };
        var elements = new LoggedElements();
        var uninitialized = core.Uninitialized.ToHashSet();
        foreach (var tensor in session.Definition.AllIndexes)
        {
            if (!uninitialized.Contains(tensor))
            {
                created.InitialValues.Add((uint)tensor);
                elements.Add(core.Optimizer.Slot(tensor, AdamSlot.Weights));
            }
        }

        return new LoggedChange(new LogHead { Created = created }, elements.Pieces);
    }

    /// <inheritdoc/>
    public override bool Make(SessionCore core) => true;
}
