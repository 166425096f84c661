using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Adam.V1;

namespace Adam.Service.Storage.Safetensors;

/// <summary>
/// A checksum of the free text of a file, itself a line of it. It is over names and values and not over their spelling in JSON, so that a file that
/// another program has read and written again is still intact.
/// </summary>
internal static class MetadataSeal
{
    /// <summary>The name of the line: eight hexadecimal digits.</summary>
    public const string Name = "adam.metadata_crc32c";

    /// <summary>Adds the checksum.</summary>
    public static ImmutableSortedDictionary<string, string> Seal(ImmutableSortedDictionary<string, string> metadata) =>
        metadata.SetItem(Name, Compute(metadata));

    /// <summary>Refuses text that has changed, or that was never sealed.</summary>
    /// <exception cref="SafetensorsException">It says what the checksum is and should be.</exception>
    public static void Check(ImmutableSortedDictionary<string, string> metadata)
    {
        var (found, expected) = (metadata.GetValueOrDefault(Name), Compute(metadata));
        if (found != expected)
        {
            throw new SafetensorsException(
                found is null
                    ? $"The metadata has no '{Name}': the file was not written by this service"
                    : $"The metadata is damaged: its checksum is {expected} and should be {found}",
                SafetensorsHeader.LengthBytes);
        }
    }

    // Lengths stand between the texts, so that none can pass into its neighbour.
    private static string Compute(ImmutableSortedDictionary<string, string> metadata)
    {
        var sum = Crc32C.Ones;
        foreach (var (name, value) in metadata.Where(line => line.Key != Name))
        {
            foreach (var text in new[] { name, value })
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                var length = new byte[sizeof(int)];
                BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
                sum = Crc32C.Append(Crc32C.Append(sum, length), bytes);
            }
        }

        return (sum ^ Crc32C.Ones).ToString("x8", CultureInfo.InvariantCulture);
    }
}
