using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace Adam.Golden;

/// <summary>An optimizer's variables in the order of Keras's <c>save_own_variables</c>.</summary>
/// <param name="Iterations">The raw iteration counter, which is always the first.</param>
/// <param name="Arrays">The others in order; the learning rate is one of them only when it is a number.</param>
public sealed record GoldenState(long Iterations, IReadOnlyList<float[]> Arrays)
{
    internal static GoldenState Read(JsonElement json)
    {
        JsonElement[] entries =
        [
            .. json.EnumerateObject()
                .OrderBy(entry => int.Parse(entry.Name, CultureInfo.InvariantCulture))
                .Select(entry => entry.Value.GetProperty("data")),
        ];
        byte[] counter = Convert.FromBase64String(entries[0].GetString()!);
        return new GoldenState(BinaryPrimitives.ReadInt32LittleEndian(counter), [.. entries.Skip(1).Select(entry => entry.ToFloats())]);
    }
}
