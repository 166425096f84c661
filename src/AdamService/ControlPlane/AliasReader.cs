using System.Text;
using Adam.Service.Errors;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary>Checks the other names of shared weights: a name means one tensor, whichever of its names it is.</summary>
internal static class AliasReader
{
    private const int AliasesMax = 16;

    /// <summary>Notes what is wrong under its field, for example <c>tensors[3].aliases</c>.</summary>
    public static void Check(IReadOnlyList<TensorSpec> tensors, FieldErrors errors)
    {
        var taken = tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < tensors.Count; i++)
        {
            var field = $"tensors[{i}].aliases";
            if (tensors[i].Aliases.Count > AliasesMax)
            {
                errors.Add(field, $"expected at most {AliasesMax}, received {tensors[i].Aliases.Count}.");
            }

            foreach (var alias in tensors[i].Aliases.Take(AliasesMax))
            {
                if (Encoding.UTF8.GetByteCount(alias) is 0 or > TensorSpecReader.NameBytesMax)
                {
                    errors.Add(field, $"expected 1 to {TensorSpecReader.NameBytesMax} bytes each.");
                }
                else if (!taken.Add(alias))
                {
                    errors.Add(field, $"'{alias}' is already a name or an alias in this session.");
                }
            }
        }
    }
}
