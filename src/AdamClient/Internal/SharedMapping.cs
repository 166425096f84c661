using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Adam.Client.Internal;

/// <summary>A region of the service as this process sees it.</summary>
internal sealed unsafe class SharedMapping : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _address;

    /// <summary>Maps a region.</summary>
    /// <param name="descriptor">Its descriptor, which may be closed afterwards.</param>
    /// <param name="bytes">Its length, as the service says.</param>
    /// <param name="writable">Whether this process writes to it.</param>
    /// <exception cref="IOException">It is not of that length, or the system refuses.</exception>
    public SharedMapping(SafeFileHandle descriptor, ulong bytes, bool writable)
    {
        var access = writable ? MemoryMappedFileAccess.ReadWrite : MemoryMappedFileAccess.Read;
        if ((ulong)RandomAccess.GetLength(descriptor) != bytes)
        {
            throw new IOException(
                $"The shared memory that came has {RandomAccess.GetLength(descriptor)} bytes, not {bytes}: it is not what the service has opened.");
        }

        _file = MemoryMappedFile.CreateFromFile(descriptor, null, (long)bytes, access, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, (long)bytes, access);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _address);
        _address += _view.PointerOffset;
        Bytes = bytes;
    }

    /// <summary>Its length.</summary>
    public ulong Bytes { get; }

    /// <summary>Whether it was unmapped.</summary>
    public bool IsDisposed => _address is null;

    /// <summary>The first byte.</summary>
    /// <exception cref="ObjectDisposedException">It was unmapped.</exception>
    public byte* Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(_address is null, typeof(SharedTensors));
            return _address;
        }
    }

    public void Dispose()
    {
        if (_address is not null)
        {
            _address = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
