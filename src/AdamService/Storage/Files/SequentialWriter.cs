using System.Runtime.InteropServices;

namespace Adam.Service.Storage.Files;

/// <summary>
/// Writes a large file from its beginning in blocks, past the system's cache where the file system allows it: nobody reads the file soon, and to fill the
/// cache with it takes more time, and more of the memory's, than the device does (here 1.5 GB: 3.6 s through the cache, 1.5 s past it).
/// </summary>
/// <param name="file">The file, which is empty.</param>
internal sealed unsafe class SequentialWriter(DurableFile file) : IDisposable
{
    /// <summary>The bytes of a block, which is written with one call.</summary>
    public const int BlockBytes = 4 << 20;

    /// <summary>What addresses, offsets and lengths are multiples of past the cache: a page, which no device's block exceeds.</summary>
    public const int Alignment = 4096;

    // What goes through the cache all the same waits for the device now and then, so that little of it stands before somebody else's small file.
    private const long SyncedBytes = 32 << 20;

    private readonly byte* _block = (byte*)NativeMemory.AlignedAlloc(BlockBytes, Alignment);
    private int _filled;
    private long _written;
    private long _synced;

    /// <summary>Appends bytes.</summary>
    /// <exception cref="StorageException">They cannot be written.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var taken = bytes[..Math.Min(bytes.Length, BlockBytes - _filled)];
            taken.CopyTo(new Span<byte>(_block + _filled, BlockBytes - _filled));
            _filled += taken.Length;
            bytes = bytes[taken.Length..];
            if (_filled == BlockBytes)
            {
                file.SetDirect(true);
                Flush();
            }
        }
    }

    /// <summary>Writes what is left. What is durable is up to the file.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public void Complete()
    {
        file.SetDirect(false);
        Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_block);

    private void Flush()
    {
        file.Write(new ReadOnlySpan<byte>(_block, _filled), _written);
        _written += _filled;
        _filled = 0;
        if (!file.IsDirect && _written - _synced >= SyncedBytes)
        {
            file.SyncData();
            _synced = _written;
        }
    }
}
