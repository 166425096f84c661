using System.Globalization;
using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Storage.V1;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>Written slots and counters as a change of their session.</summary>
/// <param name="session">The session.</param>
/// <param name="ifVersion">The version that it must be at; null for any.</param>
/// <param name="slots">The elements of whole slots, which stay where they are until the change is made.</param>
/// <param name="commit">The counters that are set with them.</param>
internal sealed class WriteChange(
    SessionActor session,
    ulong? ifVersion,
    IReadOnlyList<(int Tensor, AdamSlot Slot, TensorView Elements)> slots,
    WriteCommit commit) : SessionChange<WriteTensorsResponse>
{
    /// <inheritdoc/>
    public override void Prepare(SessionCore core)
    {
        if (ifVersion is { } expected && expected != core.Version)
        {
            throw new ServiceException(
                ErrorReason.VersionMismatch,
                $"Session '{session.Definition.SessionId}' is at version {core.Version}, not {expected}; nothing was written. Read it again first.",
                ("version", core.Version.ToString(CultureInfo.InvariantCulture)));
        }

        WrittenCounters.Check(commit, core.Optimizer);
    }

    /// <inheritdoc/>
    public override LoggedChange? ToLog(SessionCore core)
    {
        var written = new WrittenTensors { Commit = commit };
        var payload = new LoggedElements();
        foreach (var (tensor, slot, elements) in slots)
        {
            written.Slots.Add(new StoredSlot { TensorIndex = (uint)tensor, Slot = SlotMapping.ToWire(slot) });
            payload.Add(elements);
        }

        return new LoggedChange(new LogHead { Written = written }, payload.Pieces);
    }

    /// <inheritdoc/>
    public override WriteTensorsResponse Make(SessionCore core)
    {
        foreach (var (tensor, slot, elements) in slots)
        {
            elements.CopyTo(core.Optimizer.Slot(tensor, slot));
            if (slot == AdamSlot.Weights)
            {
                core.MarkInitialized(tensor);
            }
        }

        WrittenCounters.Apply(commit, core.Optimizer);
        var version = core.NextVersion();
        foreach (var (tensor, slot, _) in slots)
        {
            core.Versions[tensor, slot] = version;
        }

        return new WriteTensorsResponse { Version = version, State = core.State };
    }
}
