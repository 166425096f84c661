using System.Buffers.Binary;
using Adam.Service.Storage.Files;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Durability;

/// <summary>A small file with one message, and CRC32C of it behind it. It is replaced as a whole.</summary>
internal static class RecordFile
{
    // Far above what any of them has.
    private const int BytesMax = 16 << 20;

    /// <summary>Writes one, durably.</summary>
    /// <exception cref="StorageException">It is not on disk.</exception>
    public static void Write(FileSystem files, string path, IMessage message)
    {
        var length = message.CalculateSize();
        var bytes = new byte[length + sizeof(uint)];
        message.WriteTo(bytes.AsSpan(0, length));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(length), Crc32C.Compute(bytes.AsSpan(0, length)));
        AtomicFile.Write(files, path, bytes);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged; says where.</exception>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public static T Read<T>(FileSystem files, string path, MessageParser<T> parser)
        where T : IMessage<T>
    {
        using var file = files.Open(path, FileUse.Read);
        var length = file.Length;
        if (length is < sizeof(uint) or > BytesMax)
        {
            throw new InvalidDataException($"{path} has {length} bytes; expected {sizeof(uint)} to {BytesMax}.");
        }

        var bytes = new byte[length];
        if (file.Read(bytes, 0) != bytes.Length)
        {
            throw new InvalidDataException($"{path} ends early.");
        }

        var content = bytes.AsSpan(0, bytes.Length - sizeof(uint));
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(content.Length)) != Crc32C.Compute(content))
        {
            throw new InvalidDataException($"{path} is damaged: its checksum does not fit its {length} bytes.");
        }

        try
        {
            return parser.ParseFrom(content);
        }
        catch (InvalidProtocolBufferException invalid)
        {
            throw new InvalidDataException($"{path} is not the record that it should be: {invalid.Message}", invalid);
        }
    }
}
