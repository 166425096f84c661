using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Adam.Service.SharedMemory.Native;

/// <summary>A file in memory as this process sees it. Unmapped when it is disposed of and nobody holds it any more.</summary>
internal sealed unsafe class Mapping : SafeHandle
{
    private readonly nuint _bytes;

    /// <summary>Maps a file from its beginning.</summary>
    /// <param name="file">The file. It may be closed afterwards.</param>
    /// <param name="bytes">How much of it.</param>
    /// <param name="writable">Whether it can be written to.</param>
    /// <exception cref="IOException">The system refuses; says why.</exception>
    public Mapping(SafeFileHandle file, long bytes, bool writable)
        : base(0, ownsHandle: true)
    {
        _bytes = (nuint)bytes;
        var address = Libc.Map(null, _bytes, Libc.Readable | (writable ? Libc.Writable : 0), Libc.SharedAtOnce, file, 0);
        if (address == (void*)-1)
        {
            throw Libc.Failure($"The system does not map {bytes} bytes of shared memory");
        }

        SetHandle((nint)address);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The first byte.</summary>
    public byte* Address => (byte*)handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Unmap((void*)handle, _bytes) == 0;
}
