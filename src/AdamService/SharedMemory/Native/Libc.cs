using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Adam.Service.SharedMemory.Native;

/// <summary>The system calls that shared memory needs and the base class library does not have, as Linux declares them.</summary>
internal static unsafe partial class Libc
{
    /// <summary><c>MFD_CLOEXEC</c>: processes that the service starts do not get it.</summary>
    public const uint CloseOnExec = 1;

    /// <summary><c>MFD_ALLOW_SEALING</c>.</summary>
    public const uint AllowSealing = 2;

    /// <summary><c>F_ADD_SEALS</c>.</summary>
    public const int AddSeals = 1033;

    /// <summary><c>F_SEAL_SEAL</c>: no further seals.</summary>
    public const int SealSeals = 0x1;

    /// <summary><c>F_SEAL_SHRINK</c>.</summary>
    public const int SealShrinking = 0x2;

    /// <summary><c>F_SEAL_GROW</c>.</summary>
    public const int SealGrowing = 0x4;

    /// <summary><c>F_SEAL_FUTURE_WRITE</c>: from now on nobody can write but through mappings that are there already. Linux 5.1.</summary>
    public const int SealFutureWriting = 0x10;

    /// <summary><c>PROT_READ</c>.</summary>
    public const int Readable = 0x1;

    /// <summary><c>PROT_WRITE</c>.</summary>
    public const int Writable = 0x2;

    /// <summary><c>PROT_NONE</c>.</summary>
    public const int Untouchable = 0;

    /// <summary><c>MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE</c>: addresses, and nothing behind them.</summary>
    public const int AddressesOnly = 0x2 | 0x20 | 0x4000;

    /// <summary><c>MAP_FIXED</c>: at this address, in place of what is there.</summary>
    public const int Here = 0x10;

    /// <summary><c>MADV_COLLAPSE</c>: makes huge pages of small ones, whatever the system does by itself. Linux 6.1.</summary>
    public const int Collapse = 25;

    /// <summary><c>MAP_SHARED | MAP_POPULATE</c>: the pages that are there are mapped at once, not one by one in the first step.</summary>
    public const int SharedAtOnce = 0x1 | 0x8000;

    /// <summary><c>FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE</c>: gives pages back.</summary>
    public const int PunchHole = 0x2 | 0x1;

    /// <summary><c>MAP_FAILED</c>.</summary>
    public static readonly void* NotMapped = (void*)-1;

    /// <summary><c>EINTR</c>.</summary>
    public const int Interrupted = 4;

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Allocate(SafeFileHandle file, int mode, nint offset, nint length);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial void* Map(void* address, nuint length, int protection, int flags, SafeFileHandle file, nint offset);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial void* Map(void* address, nuint length, int protection, int flags, int noFile, nint offset);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    public static partial int Advise(void* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(SafeHandle socket, MessageHeader* message, int flags);

    /// <summary>The failure of the call that was just made, with the system's words.</summary>
    /// <param name="what">What did not work, as a sentence without its end.</param>
    public static IOException Failure(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}).");
    }

    /// <summary><c>struct msghdr</c> of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary><c>struct cmsghdr</c> of 64-bit Linux, and room for two descriptors behind it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TwoDescriptors
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int First;
        public int Second;
    }
}
