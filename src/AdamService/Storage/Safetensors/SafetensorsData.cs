using Adam.Engine;
using Adam.V1;

namespace Adam.Service.Storage.Safetensors;

/// <summary>
/// Takes the data of a file in order, puts it where it belongs and sums it up: whoever reads a file lets it be read into
/// <see cref="Room"/>, whoever is sent one hands it to <see cref="Append"/>.
/// </summary>
internal sealed unsafe class SafetensorsData
{
    // Sums are made while the bytes are in the processor's caches.
    private const int PieceBytesMax = 1 << 18;

    private readonly SafetensorsHeader _header;
    private readonly TensorView[] _destinations;
    private readonly uint[] _sums;
    private int _entry;
    private long _offset;

    /// <summary>Begins.</summary>
    /// <param name="header">The file.</param>
    /// <param name="destinations">For each entry memory of as many bytes.</param>
    public SafetensorsData(SafetensorsHeader header, IReadOnlyList<TensorView> destinations)
    {
        (_header, _destinations) = (header, [.. destinations]);
        for (var entry = 0; entry < header.Entries.Length; entry++)
        {
            if (_destinations[entry].ByteCount != header.Entries[entry].ByteCount)
            {
                throw new ArgumentException($"The place of '{header.Entries[entry].Name}' has another size than the array.", nameof(destinations));
            }
        }

        _sums = new uint[header.Entries.Length];
        Array.Fill(_sums, Crc32C.Ones);
        SkipFull();
    }

    /// <summary>Whether all data has come.</summary>
    public bool IsComplete => _entry == _header.Entries.Length;

    /// <summary>Where the next bytes of the file belong; empty at its end.</summary>
    public Span<byte> Room => IsComplete
        ? []
        : new Span<byte>((byte*)_destinations[_entry].Address + _offset, (int)Math.Min(PieceBytesMax, _header.Entries[_entry].ByteCount - _offset));

    /// <summary>Notes that the first bytes of <see cref="Room"/> have been filled.</summary>
    public void Advance(int count)
    {
        _sums[_entry] = Crc32C.Append(_sums[_entry], Room[..count]);
        _offset += count;
        SkipFull();
    }

    /// <summary>Takes the next bytes of the file.</summary>
    /// <exception cref="SafetensorsException">There are more than the header speaks of.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = Room;
            if (room.IsEmpty)
            {
                throw new SafetensorsException($"More comes than the {_header.FileBytes} bytes that the header speaks of", _header.FileBytes);
            }

            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            Advance(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>CRC32C of the bytes of an entry that have come.</summary>
    public uint Checksum(int entry) => _sums[entry] ^ Crc32C.Ones;

    private void SkipFull()
    {
        while (!IsComplete && _offset == _header.Entries[_entry].ByteCount)
        {
            (_entry, _offset) = (_entry + 1, 0);
        }
    }
}
