using System.Buffers.Binary;
using System.Text.Json;

namespace Adam.Golden;

/// <summary>Reads the conventions of the golden files: nulls, lists and base64 arrays.</summary>
internal static class JsonElementExtensions
{
    /// <summary>A member that may be absent or null.</summary>
    public static JsonElement? Optional(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static double? OptionalDouble(this JsonElement element, string name) => element.Optional(name)?.GetDouble();

    public static int? OptionalInt32(this JsonElement element, string name) => element.Optional(name)?.GetInt32();

    public static string GetText(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static T[] ToArray<T>(this JsonElement element, Func<JsonElement, T> read) => [.. element.EnumerateArray().Select(read)];

    /// <summary>Base64 of little-endian float32.</summary>
    public static float[] ToFloats(this JsonElement element)
    {
        byte[] bytes = Convert.FromBase64String(element.GetString()!);
        var values = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        }

        return values;
    }

    /// <summary>A list of float32 arrays in which null stands for <c>None</c>.</summary>
    public static float[]?[] ToOptionalFloatArrays(this JsonElement element) =>
        element.ToArray(item => item.ValueKind == JsonValueKind.Null ? null : item.ToFloats());

    /// <summary>A list of float32 arrays.</summary>
    public static float[][] ToFloatArrays(this JsonElement element) => element.ToArray(ToFloats);
}
