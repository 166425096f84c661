using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary>Whether a checkpoint of one session can become another one: tensors by name, shape and type, their slots, and what is counted.</summary>
internal static class CheckpointDifference
{
    private const int ListedMax = 20;

    /// <summary>Refuses a checkpoint of other tensors or settings.</summary>
    /// <param name="checkpoint">What the checkpoint's session was created as.</param>
    /// <param name="session">The session that is to become it.</param>
    /// <exception cref="ServiceException">CHECKPOINT_MISMATCH, with what differs.</exception>
    public static void ThrowIfAny(SessionDefinition checkpoint, SessionDefinition session)
    {
        var differences = Between(checkpoint, session).ToList();
        if (differences.Count == 0)
        {
            return;
        }

        var listed = string.Join(" | ", differences.Take(ListedMax).Select(difference => $"{difference.Field}: {difference.Message}"));
        throw new ServiceException(
            ErrorReason.CheckpointMismatch,
            $"The checkpoint does not fit session '{session.SessionId}': {listed}{(differences.Count > ListedMax ? $" | … and {differences.Count - ListedMax} more" : "")}",
            ("fields", string.Join(",", differences.Select(difference => difference.Field))));
    }

    private static IEnumerable<(string Field, string Message)> Between(SessionDefinition checkpoint, SessionDefinition session)
    {
        for (var i = 0; i < Math.Max(checkpoint.Tensors.Length, session.Tensors.Length); i++)
        {
            var (theirs, ours) = (checkpoint.Tensors.ElementAtOrDefault(i), session.Tensors.ElementAtOrDefault(i));
            if (theirs is null || ours is null)
            {
                yield return ($"tensors[{i}]", theirs is null ? $"the checkpoint has no '{ours!.Path}'." : $"the session has no '{theirs.Path}'.");
            }
            else if (theirs.Path != ours.Path)
            {
                yield return ($"tensors[{i}].name", $"the checkpoint has '{theirs.Path}', the session '{ours.Path}'.");
            }
            else if (!theirs.Shape.SequenceEqual(ours.Shape))
            {
                yield return (
                    $"tensors[{i}].shape",
                    $"'{ours.Path}' is [{string.Join(", ", theirs.Shape)}] in the checkpoint and [{string.Join(", ", ours.Shape)}] in the session.");
            }
            else if (theirs.DType != ours.DType)
            {
                yield return ($"tensors[{i}].dtype", $"'{ours.Path}' is {theirs.DType} in the checkpoint and {ours.DType} in the session.");
            }
        }

        var slots = SessionArrays.Of(checkpoint).Select(array => (array.Tensor, array.Slot)).ToHashSet();
        slots.SymmetricExceptWith(SessionArrays.Of(session).Select(array => (array.Tensor, array.Slot)));
        foreach (var slot in slots.GroupBy(array => array.Slot, array => array.Tensor).Where(_ => checkpoint.Tensors.Length == session.Tensors.Length))
        {
            yield return ("optimizer", $"only one of the two has {Codec.WireName.Of(SlotMapping.ToWire(slot.Key))} of '{session.Tensors[slot.Min()].Path}'.");
        }

        if (checkpoint.Options.Groups.Length != session.Options.Groups.Length)
        {
            yield return (
                "optimizer.groups", $"there are {checkpoint.Options.Groups.Length} in the checkpoint and {session.Options.Groups.Length} in the session.");
        }

        if ((checkpoint.Options.DynamicLossScale is null) != (session.Options.DynamicLossScale is null))
        {
            yield return ("optimizer.loss_scale", "only one of the two has a dynamic one.");
        }
    }
}
