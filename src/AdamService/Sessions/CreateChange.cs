using Adam.Engine;
using Adam.Service.Errors;
using Adam.Storage.V1;

namespace Adam.Service.Sessions;

/// <summary>The creation of a session as its first change: when it is made, the session is known to survive.</summary>
/// <param name="session">The session.</param>
/// <param name="hasPast">Whether it was made from another's state, so that more than its weights may not be zero.</param>
internal sealed class CreateChange(SessionActor session, bool hasPast) : SessionChange<bool>
{
    private static readonly AdamSlot[] Slots = Enum.GetValues<AdamSlot>();

    /// <inheritdoc/>
    public override bool ChangesValues => false;

    /// <inheritdoc/>
    public override LoggedChange? ToLog(SessionCore core)
    {
        core.Log!.Hold();
        var created = new CreatedSession { State = SessionRecord.Write(session, core) };
        var elements = new LoggedElements();
        var uninitialized = core.Uninitialized.ToHashSet();
        foreach (var slot in hasPast ? Slots : [AdamSlot.Weights])
        {
            foreach (var tensor in session.Definition.AllIndexes)
            {
                if (core.Optimizer.HasSlot(tensor, slot) && (hasPast || !uninitialized.Contains(tensor)))
                {
                    created.Slots.Add(new StoredSlot { TensorIndex = (uint)tensor, Slot = SlotMapping.ToWire(slot) });
                    elements.Add(core.Optimizer.Slot(tensor, slot));
                }
            }
        }

        return new LoggedChange(new LogHead { Created = created }, elements.Pieces);
    }

    /// <inheritdoc/>
    public override bool Make(SessionCore core) => true;

    /// <inheritdoc/>
    public override bool Refuse(SessionCore core, ServiceException refusal)
    {
        // In this turn: what others have put in line behind it must not be made, for it could not be found again.
        session.EndInTurn();
        throw refusal;
    }
}
