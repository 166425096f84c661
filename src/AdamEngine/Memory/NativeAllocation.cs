using System.Runtime.InteropServices;

namespace Adam.Engine.Memory;

/// <summary>
/// Native memory, aligned to <see cref="Alignment"/> bytes and outside the garbage collector: it never moves, may exceed what an array can
/// hold, and costs collections nothing.
/// </summary>
/// <remarks>
/// Large pieces on Linux are mapped anonymously, so that the kernel hands out zeroed pages as they are first touched, and unless that is
/// not wanted are offered for huge pages, which it gives where it is set up to. Elsewhere, and for small pieces, the C allocator is used.
/// </remarks>
internal sealed unsafe partial class NativeAllocation : SafeHandle
{
    /// <summary>Alignment of every allocation in bytes: a cache line, and the widest vector.</summary>
    public const int Alignment = 64;

    private const long HugePageBytes = 2L << 20;
    private const long MappedBytesMin = 2 * HugePageBytes;
    private const int ProtectionReadWrite = 0x1 | 0x2;
    private const int MapPrivateAnonymous = 0x02 | 0x20;
    private const int AdviseHugePages = 14;
    private const int AdviseNoHugePages = 15;
    private const int AdviseDoNotNeed = 4;
    private const long PageBytes = 4096;

    private readonly nuint _mappedBytes;

    /// <summary>Allocates memory.</summary>
    /// <param name="bytes">How much; 0 or more.</param>
    /// <param name="zeroed">Whether it must be zero. Mapped memory always is.</param>
    /// <param name="hugePages">Whether a large piece is offered for huge pages.</param>
    /// <exception cref="InsufficientMemoryException">The system has no such amount.</exception>
    public NativeAllocation(long bytes, bool zeroed, bool hugePages = true)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (OperatingSystem.IsLinux() && bytes >= MappedBytesMin)
        {
            // One huge page more than asked for, so that the piece can begin on a boundary of one. What is not touched is not backed.
            _mappedBytes = (nuint)(bytes + HugePageBytes);
            byte* mapped = (byte*)Map(null, _mappedBytes, ProtectionReadWrite, MapPrivateAnonymous, -1, 0);
            if (mapped == (byte*)-1)
            {
                throw new InsufficientMemoryException($"The system refused {bytes} bytes of memory.");
            }

            SetHandle((nint)mapped);
            Address = (byte*)(((nuint)mapped + HugePageBytes - 1) & ~(nuint)(HugePageBytes - 1));

            // A hint: a kernel that does not know it says so and nothing is lost.
            _ = Advise(Address, (nuint)bytes, hugePages ? AdviseHugePages : AdviseNoHugePages);
        }
        else
        {
            Address = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), Alignment);
            SetHandle((nint)Address);
            if (zeroed)
            {
                NativeMemory.Clear(Address, (nuint)bytes);
            }
        }

        Bytes = bytes;
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The first byte.</summary>
    public byte* Address { get; }

    /// <summary>How many bytes were asked for.</summary>
    public long Bytes { get; }

    /// <summary>
    /// Gives the pages of a part back to the system, as far as the piece is mapped and they lie wholly in the part. Its content is undefined
    /// afterwards; the memory can be used again.
    /// </summary>
    /// <param name="start">The first byte of the part, which lies in the piece.</param>
    /// <param name="bytes">Its length.</param>
    public void Discard(byte* start, long bytes)
    {
        byte* first = (byte*)(((nuint)start + PageBytes - 1) & ~(nuint)(PageBytes - 1));
        byte* last = (byte*)((nuint)(start + bytes) & ~(nuint)(PageBytes - 1));
        if (_mappedBytes > 0 && last > first)
        {
            _ = Advise(first, (nuint)(last - first), AdviseDoNotNeed);
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        if (_mappedBytes > 0)
        {
            return Unmap((void*)handle, _mappedBytes) == 0;
        }

        NativeMemory.AlignedFree((void*)handle);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
