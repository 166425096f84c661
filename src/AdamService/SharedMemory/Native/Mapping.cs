using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Adam.Service.SharedMemory.Native;

/// <summary>
/// A file in memory as this process sees it, in huge pages as far as it fills them and the system has some: for a step that reads and writes all of it,
/// small ones cost a quarter more time. Unmapped when it is disposed of and nobody holds it any more.
/// </summary>
internal sealed unsafe class Mapping : SafeHandle
{
    private const nuint HugePageBytes = 2u << 20;

    private readonly nuint _reservedBytes;

    /// <summary>Maps a file from its beginning.</summary>
    /// <param name="file">The file, with all its pages. It may be closed afterwards.</param>
    /// <param name="bytes">How much of it.</param>
    /// <param name="writable">Whether it can be written to.</param>
    /// <exception cref="IOException">The system refuses; says why.</exception>
    public Mapping(SafeFileHandle file, long bytes, bool writable)
        : base(0, ownsHandle: true)
    {
        // 1. A huge page of the file is one of the mapping only if it begins on a boundary of huge pages.
        _reservedBytes = (nuint)bytes + HugePageBytes;
        var reserved = Libc.Map(null, _reservedBytes, Libc.Untouchable, Libc.AddressesOnly, -1, 0);
        if (reserved == Libc.NotMapped)
        {
            throw Libc.Failure($"The system has no addresses for {bytes} bytes of shared memory");
        }

        SetHandle((nint)reserved);
        var aligned = (void*)(((nuint)reserved + HugePageBytes - 1) & ~(HugePageBytes - 1));
        var access = Libc.Readable | (writable ? Libc.Writable : 0);
        Address = (byte*)Libc.Map(aligned, (nuint)bytes, access, Libc.SharedAtOnce | Libc.Here, file, 0);
        if (Address == Libc.NotMapped)
        {
            // What was reserved may be somebody else's by now: the addresses are lost.
            SetHandleAsInvalid();
            throw Libc.Failure($"The system does not map {bytes} bytes of shared memory");
        }

        // 2. Where the system does not do it, the pages stay as they are.
        _ = Libc.Advise(Address, (nuint)bytes & ~(HugePageBytes - 1), Libc.Collapse);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The first byte.</summary>
    public byte* Address { get; }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Unmap((void*)handle, _reservedBytes) == 0;
}
