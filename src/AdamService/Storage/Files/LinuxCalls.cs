using System.Runtime.InteropServices;

namespace Adam.Service.Storage.Files;

/// <summary>The calls of Linux itself. The base class library swallows the errors of <c>fsync</c>, so nothing here goes through it but listing.</summary>
internal sealed unsafe partial class LinuxCalls : IFileCalls
{
    private const int ReadWrite = 0x2;
    private const int CreateFile = 0x40;
    private const int EmptyFile = 0x200;
    private const int CloseOnExec = 0x80000;
    private const int ExclusiveNow = 2 | 4;
    private const int FromEnd = 2;
    private const int SetFlags = 4;
    private const uint WriteWithoutWaiting = 2;

    // The owner alone, whatever the umask.
    private const uint FileMode = 0x180;
    private const uint DirectoryMode = 0x1C0;

    // These are not the same on all processors.
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    private static readonly int DirectoryOnly = IsArm ? 0x4000 : 0x10000;
    private static readonly int DirectAccess = IsArm ? 0x10000 : 0x4000;
    private static readonly int NoSymbolicLink = IsArm ? 0x8000 : 0x20000;

    /// <inheritdoc/>
    public int Open(string path, FileUse use) =>
        Outcome(OpenCall(path, CloseOnExec | NoSymbolicLink | FlagsOf(use), FileMode));

    /// <inheritdoc/>
    public int Close(int descriptor) => Outcome(CloseCall(descriptor));

    /// <inheritdoc/>
    public long Write(Descriptor file, IoVector* pieces, int count, long offset) => Outcome(WriteCall(file, pieces, count, (nint)offset));

    /// <inheritdoc/>
    public long Read(Descriptor file, byte* into, long length, long offset) => Outcome(ReadCall(file, into, (nuint)length, (nint)offset));

    /// <inheritdoc/>
    public int SetDirect(Descriptor file, bool isDirect) => Outcome(FlagsCall(file, SetFlags, isDirect ? DirectAccess : 0));

    /// <inheritdoc/>
    public int Sync(Descriptor file) => Outcome(SyncCall(file));

    /// <inheritdoc/>
    public int SyncData(Descriptor file) => Outcome(SyncDataCall(file));

    /// <inheritdoc/>
    public int BeginWriteback(Descriptor file, long offset, long length) => Outcome(SyncRangeCall(file, (nint)offset, (nint)length, WriteWithoutWaiting));

    /// <inheritdoc/>
    public int Truncate(Descriptor file, long length) => Outcome(TruncateCall(file, (nint)length));

    /// <inheritdoc/>
    public long Length(Descriptor file) => Outcome(SeekCall(file, 0, FromEnd));

    /// <inheritdoc/>
    public int Lock(Descriptor file) => Outcome(LockCall(file, ExclusiveNow));

    /// <inheritdoc/>
    public int Rename(string from, string to) => Outcome(RenameCall(from, to));

    /// <inheritdoc/>
    public int Unlink(string path) => Outcome(UnlinkCall(path));

    /// <inheritdoc/>
    public int MakeDirectory(string path) => Outcome(MakeDirectoryCall(path, DirectoryMode));

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string path) => [.. Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)!)];

    private static int FlagsOf(FileUse use) => use switch
    {
        FileUse.Read => 0,
        FileUse.Update => ReadWrite,
        FileUse.UpdateOrCreate => ReadWrite | CreateFile,
        FileUse.Replace => ReadWrite | CreateFile | EmptyFile,
        FileUse.Directory => DirectoryOnly,
        _ => throw new ArgumentOutOfRangeException(nameof(use), use, "There is no such use of a file."),
    };

    private static int Outcome(int result) => result >= 0 ? result : -Marshal.GetLastPInvokeError();

    private static long Outcome(nint result) => result >= 0 ? result : -Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseCall(int descriptor);

    [LibraryImport("libc", EntryPoint = "pwritev", SetLastError = true)]
    private static partial nint WriteCall(Descriptor file, IoVector* pieces, int count, nint offset);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint ReadCall(Descriptor file, byte* into, nuint length, nint offset);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FlagsCall(Descriptor file, int command, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncCall(Descriptor file);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncDataCall(Descriptor file);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncRangeCall(Descriptor file, nint offset, nint length, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int TruncateCall(Descriptor file, nint length);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial nint SeekCall(Descriptor file, nint offset, int whence);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int LockCall(Descriptor file, int operation);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameCall(string from, string to);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkCall(string path);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectoryCall(string path, uint mode);
}
