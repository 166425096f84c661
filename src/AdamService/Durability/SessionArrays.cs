using System.Collections.Immutable;
using Adam.Engine;
using Adam.Service.Sessions;
using Adam.Service.Storage.Safetensors;

namespace Adam.Service.Durability;

/// <summary>All arrays of a session and their names in files: a tensor under its path, its slots under <c>PATH/m</c> and so on.</summary>
internal static class SessionArrays
{
    private static readonly AdamSlot[] Slots = Enum.GetValues<AdamSlot>();

    /// <summary>The arrays, slot by slot.</summary>
    public static ImmutableArray<SessionArray> Of(SessionDefinition session)
    {
        // A name may be another tensor's, or the one under which a file keeps its text: then it gets a number.
        var taken = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataName };
        var arrays = ImmutableArray.CreateBuilder<SessionArray>();
        foreach (var slot in Slots)
        {
            foreach (var tensor in session.AllIndexes)
            {
                var spec = session.Tensors[tensor];
                if (session.Options.HasSlot(spec, slot))
                {
                    var array = SlotMapping.ArrayOf(slot, spec);
                    arrays.Add(new SessionArray(
                        tensor, slot, Take(taken, spec.Path + Suffix(slot)), [.. array.Shape], array.DType, array.ElementCount));
                }
            }
        }

        return arrays.ToImmutable();
    }

    private static string Take(HashSet<string> taken, string name)
    {
        var free = name;
        for (var number = 2; !taken.Add(free); number++)
        {
            free = $"{name}#{number}";
        }

        return free;
    }

    private static string Suffix(AdamSlot slot) => slot switch
    {
        AdamSlot.Weights => "",
        AdamSlot.FirstMoment => "/m",
        AdamSlot.SecondMoment => "/v",
        AdamSlot.MaxSecondMoment => "/vhat",
        AdamSlot.Average => "/average",
        AdamSlot.Accumulator => "/accumulator",
        AdamSlot.RowSteps => "/row_steps",
        _ => throw new ArgumentOutOfRangeException(nameof(slot), slot, "A slot without a name in files."),
    };
}
