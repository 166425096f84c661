using Adam.Engine;
using Adam.Service.Sessions;
using Adam.Storage.V1;

namespace Adam.Service.DataPlane;

/// <summary>The slots of a log record.</summary>
internal static class StoredSlots
{
    /// <summary>Finds their elements in the payload, which has nothing else.</summary>
    /// <param name="stored">The slots in the order of the payload.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="session">Whose they are.</param>
    /// <exception cref="InvalidDataException">They do not fit the session, or the payload has another length.</exception>
    public static IReadOnlyList<(int Tensor, AdamSlot Slot, TensorView Elements)> Read(
        IEnumerable<StoredSlot> stored, RecordPayload payload, SessionDefinition session)
    {
        var slots = new List<(int, AdamSlot, TensorView)>();
        foreach (var one in stored)
        {
            if (one.TensorIndex >= session.Tensors.Length)
            {
                throw new InvalidDataException($"it has tensor {one.TensorIndex}, and the session has {session.Tensors.Length}");
            }

            var (tensor, slot) = ((int)one.TensorIndex, SlotMapping.ToEngine(one.Slot));
            if (!session.Options.HasSlot(session.Tensors[tensor], slot))
            {
                throw new InvalidDataException($"it has slot {slot} of tensor {tensor}, which the session has not");
            }

            var array = SlotMapping.ArrayOf(slot, session.Tensors[tensor]);
            slots.Add((tensor, slot, payload.Next(array.DType, array.ElementCount)));
        }

        payload.ThrowIfMore();
        return slots;
    }
}
