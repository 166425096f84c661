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

    /// <summary>Base64 of little-endian float32 or float16; each element as a float32, which holds both exactly.</summary>
    public static float[] ToFloats(this JsonElement element, string dtype = "float32")
    {
        byte[] bytes = Convert.FromBase64String(element.GetString()!);
        return dtype switch
        {
            "float32" => [.. bytes.Chunk(4).Select(element => BinaryPrimitives.ReadSingleLittleEndian(element))],
            "float16" => [.. bytes.Chunk(2).Select(element => (float)BinaryPrimitives.ReadHalfLittleEndian(element))],
            _ => throw new NotSupportedException(dtype),
        };
    }

    /// <summary>A list of arrays of the given types.</summary>
    public static float[][] ToFloatArrays(this JsonElement element, IReadOnlyList<string> dtypes) =>
        [.. element.EnumerateArray().Select((item, index) => item.ToFloats(dtypes[index]))];
}
