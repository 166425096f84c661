using Adam.Engine;
using Adam.Service.Sessions;
using Adam.Storage.V1;
using Stored = Adam.Storage.V1;

namespace Adam.Service.ControlPlane;

/// <summary>An earlier state in the place of a session's own, as a change of the session. False comes out if it came too late.</summary>
/// <param name="session">The session.</param>
/// <param name="state">The state, which was checked to fit.</param>
/// <param name="slots">All its arrays, which stay where they are until the change is made.</param>
/// <param name="generation">The generation from then on; if the session has it already, somebody else's restore was faster.</param>
/// <param name="copy">Copies arrays.</param>
internal sealed class RestoreChange(
    SessionActor session,
    Stored.SessionState state,
    IReadOnlyList<(int Tensor, AdamSlot Slot, TensorView Elements)> slots,
    ulong generation,
    Action<IReadOnlyList<(TensorView From, TensorView To)>> copy) : SessionChange<bool>
{
    /// <inheritdoc/>
    public override LoggedChange? ToLog(SessionCore core)
    {
        if (IsLate)
        {
            return null;
        }

        var restored = new RestoredState { State = state.Clone(), Generation = generation };
        restored.State.Arrays.Clear();
        var elements = new LoggedElements();
        foreach (var (tensor, slot, values) in slots)
        {
            restored.Slots.Add(new StoredSlot { TensorIndex = (uint)tensor, Slot = SlotMapping.ToWire(slot) });
            elements.Add(values);
        }

        return new LoggedChange(new LogHead { Restored = restored }, elements.Pieces);
    }

    /// <inheritdoc/>
    public override bool Make(SessionCore core)
    {
        if (IsLate)
        {
            return false;
        }

        copy([.. slots.Select(slot => (slot.Elements, core.Optimizer.Slot(slot.Tensor, slot.Slot)))]);
        var logged = core.LogSequence;
        SessionRecord.Read(state, core, core.NextVersion());
        core.LogSequence = logged;
        session.SetGeneration(generation);
        return true;
    }

    private bool IsLate => generation <= session.Generation;
}
