using System.Collections.Immutable;

namespace Adam.Service.Storage.Safetensors;

/// <summary>What stands before the data of a file: free text, and where which array lies.</summary>
/// <param name="Metadata">The text under <c>__metadata__</c>; empty without it.</param>
/// <param name="Entries">The arrays in the order of their data, which they cover without gaps.</param>
/// <param name="Bytes">Bytes of the header, its length field included: where the data begins.</param>
internal sealed record SafetensorsHeader(
    ImmutableSortedDictionary<string, string> Metadata, ImmutableArray<SafetensorsEntry> Entries, long Bytes)
{
    /// <summary>Bytes of the field that the file begins with: the length of the text that follows, little-endian.</summary>
    public const int LengthBytes = sizeof(ulong);

    /// <summary>The longest text, which the format's own library sets, too.</summary>
    public const int TextBytesMax = 100_000_000;

    /// <summary>The most arrays.</summary>
    public const int EntriesMax = 1_000_000;

    /// <summary>The most dimensions.</summary>
    public const int RankMax = 32;

    /// <summary>The name under which the free text stands.</summary>
    public const string MetadataName = "__metadata__";

    /// <summary>The text begins at a multiple of this, and so does the data.</summary>
    public const int Alignment = 8;

    /// <summary>Bytes of all arrays.</summary>
    public long DataBytes => Entries.IsEmpty ? 0 : Entries[^1].End;

    /// <summary>Bytes of the file.</summary>
    public long FileBytes => Bytes + DataBytes;
}
