using Adam.Service.DataPlane;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Storage.V1;

namespace Adam.Service.Recovery;

/// <summary>Makes sessions that a record of the log created.</summary>
internal static class CreatedSessions
{
    /// <summary>Makes one.</summary>
    /// <param name="maker">What makes sessions.</param>
    /// <param name="sequence">The record.</param>
    /// <param name="created">What it says.</param>
    /// <param name="elements">Its elements.</param>
    /// <exception cref="InvalidDataException">The elements are not those of the session.</exception>
    /// <exception cref="SessionRecordException">The record is none of a session.</exception>
    public static SessionActor Make(ISessionMaker maker, ulong sequence, CreatedSession created, NativePiece elements)
    {
        var definition = maker.Define(created.State);
        var slots = StoredSlots.Read(created.Slots, new RecordPayload(elements), definition);
        return maker.Make(definition, created.State, created.State.Generation, core =>
        {
            foreach (var (tensor, slot, values) in slots)
            {
                values.CopyTo(core.Optimizer.Slot(tensor, slot));
            }

            core.LogSequence = sequence;
        });
    }
}
