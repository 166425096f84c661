using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;

namespace Adam.Service.Storage.Safetensors;

/// <summary>Reads what stands before the data, and believes nothing: it comes from disks and from clients.</summary>
internal static class SafetensorsHeaderReader
{
    // Name, field of an entry, its list.
    private const int DepthMax = 3;

    /// <summary>Reads the field that the file begins with.</summary>
    /// <param name="field">Its first <see cref="SafetensorsHeader.LengthBytes"/> bytes.</param>
    /// <param name="textBytesMax">The longest text that is read, at most <see cref="SafetensorsHeader.TextBytesMax"/>.</param>
    /// <returns>Bytes of the text that follows.</returns>
    /// <exception cref="SafetensorsException">There is no such length.</exception>
    public static int ReadLength(ReadOnlySpan<byte> field, int textBytesMax = SafetensorsHeader.TextBytesMax)
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(field);
        return length >= 2 && length <= (ulong)textBytesMax
            ? (int)length
            : throw new SafetensorsException($"The header says that it has {length} bytes; 2 to {textBytesMax} are possible", 0);
    }

    /// <summary>Reads the text.</summary>
    /// <param name="text">All of it.</param>
    /// <param name="fileBytes">Bytes of the file, if that is known: its arrays must fill it.</param>
    /// <exception cref="SafetensorsException">It is not a header, or not one of this file.</exception>
    public static SafetensorsHeader Read(ReadOnlySpan<byte> text, long? fileBytes)
    {
        if (text.IsEmpty || text[0] != (byte)'{')
        {
            throw new SafetensorsException("The header does not begin with '{'", SafetensorsHeader.LengthBytes);
        }

        var reader = new Utf8JsonReader(
            text, new JsonReaderOptions { MaxDepth = DepthMax, CommentHandling = JsonCommentHandling.Disallow, AllowTrailingCommas = false });
        try
        {
            return Read(ref reader, text.Length, fileBytes);
        }
        catch (JsonException invalid)
        {
            throw new SafetensorsException($"The header is not JSON as it is allowed here: {invalid.Message.TrimEnd('.')}", Place(reader));
        }
        catch (InvalidOperationException invalid)
        {
            // Strings that are not UTF-8, or half of a pair of surrogates.
            throw new SafetensorsException($"The header has a text that is none: {invalid.Message.TrimEnd('.')}", Place(reader));
        }
    }

    private static SafetensorsHeader Read(ref Utf8JsonReader reader, int textBytes, long? fileBytes)
    {
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        ImmutableSortedDictionary<string, string>? metadata = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (name, place) = (reader.GetString()!, Place(reader));
            if (name == SafetensorsHeader.MetadataName)
            {
                metadata = metadata is null ? ReadMetadata(ref reader) : throw Duplicate(name, place);
                continue;
            }

            if (!names.Add(name))
            {
                throw Duplicate(name, place);
            }

            if (entries.Count == SafetensorsHeader.EntriesMax)
            {
                throw new SafetensorsException($"There are more than {SafetensorsHeader.EntriesMax} arrays", place);
            }

            entries.Add(ReadEntry(ref reader, name));
        }

        // Only spaces may follow, which the reader checks.
        while (reader.Read())
        {
        }

        return Arrange(metadata ?? ImmutableSortedDictionary<string, string>.Empty, entries, SafetensorsHeader.LengthBytes + (long)textBytes, fileBytes);
    }

    private static ImmutableSortedDictionary<string, string> ReadMetadata(ref Utf8JsonReader reader)
    {
        var metadata = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        ReadStart(ref reader, JsonTokenType.StartObject, SafetensorsHeader.MetadataName);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (name, place) = (reader.GetString()!, Place(reader));
            ReadStart(ref reader, JsonTokenType.String, $"{SafetensorsHeader.MetadataName}.{name}");
            if (!metadata.TryAdd(name, reader.GetString()!))
            {
                throw Duplicate($"{SafetensorsHeader.MetadataName}.{name}", place);
            }
        }

        return metadata.ToImmutable();
    }

    private static SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        SafetensorsDType? dtype = null;
        ImmutableArray<long> shape = default;
        ImmutableArray<long> offsets = default;
        ReadStart(ref reader, JsonTokenType.StartObject, name);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (field, place) = (reader.GetString()!, Place(reader));
            var there = field switch
            {
                "dtype" => dtype is not null,
                "shape" => !shape.IsDefault,
                "data_offsets" => !offsets.IsDefault,
                _ => throw new SafetensorsException($"'{name}' has a field '{field}', which the format does not know", place),
            };
            if (there)
            {
                throw Duplicate($"{name}.{field}", place);
            }

            switch (field)
            {
                case "dtype":
                    dtype = ReadType(ref reader, name);
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, $"{name}.shape");
                    break;
                default:
                    offsets = ReadNumbers(ref reader, $"{name}.data_offsets");
                    break;
            }
        }

        if (dtype is not { } type || shape.IsDefault || offsets.IsDefault)
        {
            throw new SafetensorsException($"'{name}' lacks one of dtype, shape and data_offsets", Place(reader));
        }

        if (offsets.Length != 2 || offsets[0] > offsets[1])
        {
            throw new SafetensorsException($"'{name}' has data_offsets [{string.Join(", ", offsets)}]; expected its first byte and the one after its last", Place(reader));
        }

        var bytes = (UInt128)type.ElementBytes();
        foreach (var dimension in shape)
        {
            // Cut, so that the product cannot overflow, whatever comes.
            bytes = UInt128.Min(bytes * (UInt128)dimension, ulong.MaxValue);
        }

        return bytes == (UInt128)(offsets[1] - offsets[0])
            ? new SafetensorsEntry(name, type, shape, offsets[0], offsets[1])
            : throw new SafetensorsException(
                $"'{name}' of {type} [{string.Join(", ", shape)}] has {bytes} bytes, but its data_offsets give it {offsets[1] - offsets[0]}", Place(reader));
    }

    private static SafetensorsDType ReadType(ref Utf8JsonReader reader, string name)
    {
        ReadStart(ref reader, JsonTokenType.String, $"{name}.dtype");
        var text = reader.GetString()!;
        foreach (var dtype in Enum.GetValues<SafetensorsDType>())
        {
            if (dtype.ToString() == text)
            {
                return dtype;
            }
        }

        throw new SafetensorsException(
            $"'{name}' has dtype '{text}'; {string.Join(", ", Enum.GetNames<SafetensorsDType>())} are known here", Place(reader));
    }

    private static ImmutableArray<long> ReadNumbers(ref Utf8JsonReader reader, string field)
    {
        var numbers = ImmutableArray.CreateBuilder<long>();
        ReadStart(ref reader, JsonTokenType.StartArray, field);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
            {
                throw new SafetensorsException($"{field} has an entry that is not 0 to {long.MaxValue}", Place(reader));
            }

            if (numbers.Count == SafetensorsHeader.RankMax)
            {
                throw new SafetensorsException($"{field} has more than {SafetensorsHeader.RankMax} entries", Place(reader));
            }

            numbers.Add(number);
        }

        return numbers.ToImmutable();
    }

    private static SafetensorsHeader Arrange(
        ImmutableSortedDictionary<string, string> metadata, List<SafetensorsEntry> entries, long headerBytes, long? fileBytes)
    {
        entries.Sort(static (one, other) => (one.Begin, one.End).CompareTo((other.Begin, other.End)));
        var next = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin != next)
            {
                throw new SafetensorsException(
                    $"'{entry.Name}' begins at byte {entry.Begin} of the data, but what comes before it ends at {next}", headerBytes + Math.Min(entry.Begin, next));
            }

            next = entry.End;
        }

        if (next > long.MaxValue - headerBytes)
        {
            throw new SafetensorsException("The arrays have more bytes than a file can have", SafetensorsHeader.LengthBytes);
        }

        return fileBytes is null || fileBytes == headerBytes + next
            ? new SafetensorsHeader(metadata, [.. entries], headerBytes)
            : throw new SafetensorsException(
                $"The file has {fileBytes} bytes; its header speaks of {headerBytes + next}", Math.Min(fileBytes.Value, headerBytes + next));
    }

    private static void ReadStart(ref Utf8JsonReader reader, JsonTokenType expected, string what)
    {
        reader.Read();
        if (reader.TokenType != expected)
        {
            throw new SafetensorsException($"{what}: expected {expected}, found {reader.TokenType}", Place(reader));
        }
    }

    private static SafetensorsException Duplicate(string name, long place) => new($"'{name}' stands there twice", place);

    private static long Place(in Utf8JsonReader reader) => SafetensorsHeader.LengthBytes + reader.TokenStartIndex;
}
