using System.Collections.Immutable;
using System.Text;
using Adam.Service.Errors;

namespace Adam.Service.ControlPlane;

/// <summary>Reads labels within the contract's bounds.</summary>
internal static class LabelReader
{
    private const int LabelsMax = 64;
    private const int KeyBytesMax = 63;
    private const int ValueBytesMax = 255;

    /// <summary>Whether every one of the wanted labels is there with its value.</summary>
    public static bool Contains(ImmutableSortedDictionary<string, string> labels, IDictionary<string, string> wanted) =>
        wanted.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);

    /// <summary>Reads labels; what is wrong is noted under <paramref name="field"/>.</summary>
    public static ImmutableSortedDictionary<string, string> Read(IDictionary<string, string> labels, string field, FieldErrors errors)
    {
        if (labels.Count > LabelsMax)
        {
            errors.Add(field, $"expected at most {LabelsMax}, received {labels.Count}.");
        }

        foreach (var (key, value) in labels)
        {
            if (key.Length == 0 || Encoding.UTF8.GetByteCount(key) > KeyBytesMax)
            {
                errors.Add($"{field}[{key}]", $"a key has 1 to {KeyBytesMax} bytes.");
            }

            if (Encoding.UTF8.GetByteCount(value) > ValueBytesMax)
            {
                errors.Add($"{field}[{key}]", $"a value has at most {ValueBytesMax} bytes.");
            }
        }

        return labels.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }
}
