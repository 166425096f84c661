namespace Adam.Service.Storage.Files;

/// <summary>
/// The system calls of storage, one method a call. Each answers with what the call answers, or with the negative number of the error: nothing is
/// repeated and nothing interpreted below this line, so that tests can put a disk of their own, or a fault, in its place.
/// </summary>
internal unsafe interface IFileCalls
{
    /// <summary><c>open</c>, never through a symbolic link and never inherited by child processes.</summary>
    /// <returns>The number of a descriptor.</returns>
    int Open(string path, FileUse use);

    /// <summary><c>close</c>.</summary>
    int Close(int descriptor);

    /// <summary><c>pwritev</c>.</summary>
    /// <returns>How many bytes were written, which may be fewer.</returns>
    long Write(Descriptor file, IoVector* pieces, int count, long offset);

    /// <summary><c>pread</c>.</summary>
    /// <returns>How many bytes were read; 0 at the end of the file.</returns>
    long Read(Descriptor file, byte* into, long length, long offset);

    /// <summary><c>fcntl</c>: sets <c>O_DIRECT</c>, or takes it away.</summary>
    int SetDirect(Descriptor file, bool isDirect);

    /// <summary><c>fsync</c>.</summary>
    int Sync(Descriptor file);

    /// <summary><c>fdatasync</c>.</summary>
    int SyncData(Descriptor file);

    /// <summary><c>sync_file_range</c>: begins to write what is in the cache. Promises nothing.</summary>
    int BeginWriteback(Descriptor file, long offset, long length);

    /// <summary><c>ftruncate</c>.</summary>
    int Truncate(Descriptor file, long length);

    /// <summary>The length of a file, by <c>lseek</c> to its end.</summary>
    long Length(Descriptor file);

    /// <summary><c>flock</c>, exclusive, without waiting.</summary>
    int Lock(Descriptor file);

    /// <summary><c>rename</c>.</summary>
    int Rename(string from, string to);

    /// <summary><c>unlink</c>.</summary>
    int Unlink(string path);

    /// <summary><c>mkdir</c>.</summary>
    int MakeDirectory(string path);

    /// <summary>The names in a directory.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    IReadOnlyList<string> List(string path);
}
