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
        _ => throw new ArgumentOutOfRangeException(nameof(slot), slot, "A slot that was not checked."),
    };

    /// <summary>The engine's slot, if the session's settings have it.</summary>
    /// <exception cref="ServiceException">INVALID_FIELD: the session has no such slot; the message says which setting makes it.</exception>
    public static AdamSlot Check(Slot slot, AdamOptions options, string field)
    {
        KnownEnum.ThrowIfUnknown(slot, field);
        var engineSlot = ToEngine(slot);
        var needs = engineSlot switch
        {
            AdamSlot.MaxSecondMoment when !options.AmsGrad => "amsgrad",
            AdamSlot.Average when !options.UseEma => "use_ema",
            AdamSlot.Accumulator when options.GradientAccumulationSteps is null or 0 => "gradient_accumulation_steps",
            _ => null,
        };
        return needs is null
            ? engineSlot
            : throw new ServiceException(
                ErrorReason.InvalidField,
                $"{field}: {WireName.Of(slot)} exists only in sessions that were created with {needs}.",
                ("fields", field));
    }
}
