using System.Runtime.InteropServices;

namespace Adam.Engine.Tests.Support;

/// <summary>Memory between two pages that nobody may touch: an access beside it ends the process.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int ProtectionNone = 0;
    private const int ProtectionReadWrite = 3;
    private const int MapPrivateAnonymous = 0x22;

    private readonly byte* _mapping;
    private readonly nuint _mapped;
    private readonly nuint _usable;

    public GuardedMemory(int bytes)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        _usable = ((nuint)bytes + page - 1) / page * page;
        _mapped = _usable + (2 * page);
        _mapping = (byte*)Map(null, _mapped, ProtectionNone, MapPrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, (nint)_mapping);
        Assert.Equal(0, Protect(First, _usable, ProtectionReadWrite));
    }

    /// <summary>The first byte; the one before it may not be touched.</summary>
    public byte* First => _mapping + Environment.SystemPageSize;

    /// <summary>Where something of this size must begin to end where touching is forbidden.</summary>
    public byte* Last(int bytes) => First + _usable - (nuint)bytes;

    public void Dispose() => _ = Unmap(_mapping, _mapped);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);
}
