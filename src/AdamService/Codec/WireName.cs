using System.Collections.Concurrent;
using System.Reflection;
using Google.Protobuf.Reflection;

namespace Adam.Service.Codec;

/// <summary>The names of enum values as the .proto spells them, for messages.</summary>
internal static class WireName
{
    private static readonly ConcurrentDictionary<Enum, string> Names = new();

    /// <summary>For example <c>DTYPE_FLOAT32</c>; a value that the contract does not know is its number.</summary>
    public static string Of(Enum value) => Names.GetOrAdd(value, static known =>
        known.GetType().GetField(known.ToString())?.GetCustomAttribute<OriginalNameAttribute>()?.Name ?? known.ToString("D"));
}
