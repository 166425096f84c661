using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Errors;
using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>The contract's slots and the engine's.</summary>
internal static class SlotMapping
{
    /// <summary>The engine's slot; UNSPECIFIED is the weights.</summary>
    public static AdamSlot ToEngine(Slot slot) => slot switch
    {
        Slot.Unspecified or Slot.Weights => AdamSlot.Weights,
        Slot.FirstMoment => AdamSlot.FirstMoment,
        Slot.SecondMoment => AdamSlot.SecondMoment,
        Slot.MaxSecondMoment => AdamSlot.MaxSecondMoment,
        Slot.Average => AdamSlot.Average,
        Slot.Accumulator => AdamSlot.Accumulator,
        Slot.RowSteps => AdamSlot.RowSteps,
        _ => throw new ArgumentOutOfRangeException(nameof(slot), slot, "A slot that was not checked."),
    };

    /// <summary>The contract's slot.</summary>
    public static Slot ToWire(AdamSlot slot) => slot switch
    {
        AdamSlot.Weights => Slot.Weights,
        AdamSlot.FirstMoment => Slot.FirstMoment,
        AdamSlot.SecondMoment => Slot.SecondMoment,
        AdamSlot.MaxSecondMoment => Slot.MaxSecondMoment,
        AdamSlot.Average => Slot.Average,
        AdamSlot.Accumulator => Slot.Accumulator,
        AdamSlot.RowSteps => Slot.RowSteps,
        _ => throw new ArgumentOutOfRangeException(nameof(slot), slot, "A slot that the contract does not have."),
    };

    /// <summary>The engine's slot, if the tensor has it.</summary>
    /// <exception cref="ServiceException">INVALID_FIELD: it has no such slot; the message says what would bring it.</exception>
    public static AdamSlot Check(Slot slot, SessionDefinition session, int tensor, string field)
    {
        KnownEnum.ThrowIfUnknown(slot, field);
        var engineSlot = ToEngine(slot);
        return session.Options.HasSlot(session.Tensors[tensor], engineSlot)
            ? engineSlot
            : throw Missing(slot, $"Tensor '{session.Tensors[tensor].Path}' of session '{session.SessionId}' has none.", field);
    }

    /// <summary>What a slot of a tensor looks like by itself: its shape and type are the tensor's, but for the counts of its rows.</summary>
    public static VariableSpec ArrayOf(AdamSlot slot, VariableSpec tensor) => slot == AdamSlot.RowSteps
        ? tensor with { Shape = [tensor.RowCount], DType = TensorDType.Int32 }
        : tensor;

    /// <summary>The tensors that have a slot, in order.</summary>
    /// <exception cref="ServiceException">INVALID_FIELD: none has it.</exception>
    public static IReadOnlyList<int> TensorsWith(Slot slot, SessionDefinition session, string field)
    {
        KnownEnum.ThrowIfUnknown(slot, field);
        var engineSlot = ToEngine(slot);
        List<int> tensors = [.. session.AllIndexes.Where(tensor => session.Options.HasSlot(session.Tensors[tensor], engineSlot))];
        return tensors.Count > 0 ? tensors : throw Missing(slot, $"Session '{session.SessionId}' has none.", field);
    }

    private static ServiceException Missing(Slot slot, string where, string field) => new(
        ErrorReason.InvalidField, $"{field}: {WireName.Of(slot)} exists only {Requirement(slot)}. {where}", ("fields", field));

    private static string Requirement(Slot slot) => slot switch
    {
        Slot.MaxSecondMoment => "for trainable tensors of groups with amsgrad",
        Slot.Average => "for trainable tensors of groups with use_ema",
        Slot.RowSteps => "for tensors with ROW_UPDATES_LAZY",
        Slot.Accumulator => "for trainable tensors of sessions that were created with gradient_accumulation_steps",
        _ => "for trainable tensors",
    };
}
