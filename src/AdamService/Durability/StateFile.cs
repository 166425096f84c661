using Adam.Service.Storage.Files;
using Adam.Service.Storage.Safetensors;
using Adam.V1;

namespace Adam.Service.Durability;

/// <summary>The file of a session on disk.</summary>
internal static class StateFile
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Writes a file, durably; it is there wholly or not at all.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">Where.</param>
    /// <param name="image">What.</param>
    /// <param name="pace">How fast; null for as fast as can be.</param>
    /// <returns>CRC32C of its header.</returns>
    /// <exception cref="StorageException">It is not on disk.</exception>
    public static uint Write(FileSystem files, string path, SafetensorsImage image, Pace? pace = null)
    {
        using var file = AtomicFile.Begin(files, path);
        using var writer = new SequentialWriter(file.Content);
        for (var pieces = image.Pieces(PieceBytes); pieces.MoveNext();)
        {
            writer.Write(pieces.Current);
            pace?.Rest();
        }

        writer.Complete();
        file.Commit();
        return Crc32C.Compute(image.Header);
    }

    /// <summary>Reads what stands before the data.</summary>
    /// <param name="file">The file.</param>
    /// <param name="checksum">CRC32C that the header must have; null if that is not known.</param>
    /// <exception cref="SafetensorsException">It is damaged, or no session's.</exception>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public static StateHeader ReadHeader(DurableFile file, uint? checksum)
    {
        var length = file.Length;
        Span<byte> field = stackalloc byte[SafetensorsHeader.LengthBytes];
        if (file.Read(field, 0) != field.Length)
        {
            throw new SafetensorsException($"The file has {length} bytes, which is no header", 0);
        }

        var textBytes = SafetensorsHeaderReader.ReadLength(field);
        if (textBytes > length - field.Length)
        {
            throw new SafetensorsException($"The header says that it has {textBytes} bytes, and the file has {length}", 0);
        }

        var header = new byte[field.Length + textBytes];
        field.CopyTo(header);
        if (file.Read(header.AsSpan(field.Length), field.Length) != textBytes)
        {
            throw new SafetensorsException("The file ends within its header", length);
        }

        if (checksum is { } expected && Crc32C.Compute(header) is var found && found != expected)
        {
            throw new SafetensorsException($"The header is damaged: its checksum is {found:x8} and should be {expected:x8}", 0);
        }

        return StateHeader.Of(SafetensorsHeaderReader.Read(header.AsSpan(field.Length), length));
    }

    /// <summary>Reads the data through and compares its checksums; nothing of it is kept.</summary>
    /// <exception cref="SafetensorsException">It is damaged.</exception>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public static void Verify(DurableFile file, StateHeader header)
    {
        var piece = new byte[PieceBytes];
        var sums = new uint[header.File.Entries.Length];
        for (var i = 0; i < sums.Length; i++)
        {
            var (entry, sum) = (header.File.Entries[i], Crc32C.Ones);
            for (var offset = entry.Begin; offset < entry.End;)
            {
                var count = file.Read(piece.AsSpan(0, (int)Math.Min(piece.Length, entry.End - offset)), header.File.Bytes + offset);
                if (count == 0)
                {
                    throw new SafetensorsException($"The file ends within '{entry.Name}'", header.File.Bytes + offset);
                }

                sum = Crc32C.Append(sum, piece.AsSpan(0, count));
                offset += count;
            }

            sums[i] = sum ^ Crc32C.Ones;
        }

        header.Check(sums);
    }

    /// <summary>Reads the data and compares its checksums.</summary>
    /// <param name="file">The file.</param>
    /// <param name="header">Its header.</param>
    /// <param name="data">Where it belongs.</param>
    /// <exception cref="SafetensorsException">It is damaged.</exception>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public static void ReadData(DurableFile file, StateHeader header, SafetensorsData data)
    {
        for (var offset = header.File.Bytes; !data.IsComplete;)
        {
            var count = file.Read(data.Room, offset);
            if (count == 0)
            {
                break;
            }

            data.Advance(count);
            offset += count;
        }

        header.Check(data);
    }
}
