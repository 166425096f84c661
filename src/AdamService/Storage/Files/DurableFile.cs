using System.Runtime.InteropServices;

namespace Adam.Service.Storage.Files;

/// <summary>An open file. Every call does all of what it was asked for, or throws.</summary>
/// <remarks>May be used by several threads, which see to it themselves that they write to different places.</remarks>
internal sealed unsafe class DurableFile : IDisposable
{
    /// <summary>How many pieces go into one call.</summary>
    public const int PiecesMax = 64;

    // The system writes no more at a time.
    private const long CallBytesMax = 0x7ffff000;

    private readonly IFileCalls _calls;
    private readonly Descriptor _descriptor;

    /// <summary>Takes over an open file.</summary>
    public DurableFile(IFileCalls calls, Descriptor descriptor, string path)
    {
        (_calls, _descriptor) = (calls, descriptor);
        Path = path;
    }

    /// <summary>Its path when it was opened.</summary>
    public string Path { get; }

    /// <summary>Its length in bytes.</summary>
    /// <exception cref="StorageException">The system does not say.</exception>
    public long Length
    {
        get
        {
            var length = _calls.Length(_descriptor);
            return length >= 0 ? length : throw StorageException.Of($"The length of {Path} cannot be found out", (int)-length);
        }
    }

    /// <summary>Whether what is written goes past the system's cache (direct I/O).</summary>
    public bool IsDirect { get; private set; }

    /// <summary>
    /// Lets what is written go past the system's cache, or not. Then addresses, offsets and lengths must be multiples of a page; where the file system does
    /// not do it, or a call was cut off in between, it goes through the cache.
    /// </summary>
    public void SetDirect(bool isDirect)
    {
        if (isDirect != IsDirect)
        {
            IsDirect = _calls.SetDirect(_descriptor, isDirect) >= 0 && isDirect;
        }
    }

    /// <summary>Writes bytes.</summary>
    /// <exception cref="StorageFullException">There is no room; says how much was written.</exception>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* first = bytes)
        {
            var vector = new IoVector { Base = first, Length = (nuint)bytes.Length };
            WriteAll(&vector, 1, offset);
        }
    }

    /// <summary>Writes pieces of memory one behind the other.</summary>
    /// <param name="pieces">At most <see cref="PiecesMax"/>.</param>
    /// <param name="offset">Where the first byte goes.</param>
    /// <exception cref="StorageFullException">There is no room; says how much was written.</exception>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public void Write(ReadOnlySpan<NativePiece> pieces, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pieces.Length, PiecesMax);
        var vectors = stackalloc IoVector[PiecesMax];
        for (var i = 0; i < pieces.Length; i++)
        {
            vectors[i] = new IoVector { Base = (byte*)pieces[i].Address, Length = (nuint)pieces[i].Bytes };
        }

        WriteAll(vectors, pieces.Length, offset);
    }

    /// <summary>Reads bytes.</summary>
    /// <returns>How many; fewer than there is room for only where the file ends.</returns>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public int Read(Span<byte> into, long offset)
    {
        fixed (byte* first = into)
        {
            return (int)Read(new NativePiece((nint)first, into.Length), offset);
        }
    }

    /// <summary>Reads bytes into native memory.</summary>
    /// <returns>How many; fewer than there is room for only where the file ends.</returns>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public long Read(NativePiece into, long offset)
    {
        long done = 0;
        while (done < into.Bytes)
        {
            var length = Math.Min(into.Bytes - done, CallBytesMax);
            var read = _calls.Read(_descriptor, (byte*)into.Address + done, length, offset + done);
            if (read == 0)
            {
                break;
            }

            if (read > 0)
            {
                done += read;
            }
            else if (read != -Errno.Interrupted)
            {
                throw StorageException.Of($"{length} bytes at {offset + done} of {Path} cannot be read", (int)-read);
            }
        }

        return done;
    }

    /// <summary>Cuts the file off.</summary>
    /// <exception cref="StorageException">It cannot be done.</exception>
    public void Truncate(long length)
    {
        int outcome;
        while ((outcome = _calls.Truncate(_descriptor, length)) == -Errno.Interrupted)
        {
        }

        if (outcome < 0)
        {
            throw StorageException.Of($"{Path} cannot be cut off at {length}", -outcome);
        }
    }

    /// <summary>
    /// Lets the device begin with what was written, so that there is less to wait for later. A hint: whether it gets there is what synchronising says.
    /// </summary>
    public void BeginWriteback(long offset, long length) => _calls.BeginWriteback(_descriptor, offset, length);

    /// <summary>Waits until the content, and the length, are on the device.</summary>
    /// <exception cref="StorageFailedException">They are not, for whatever reason, and asking again would not tell.</exception>
    public void SyncData()
    {
        int outcome;
        while ((outcome = _calls.SyncData(_descriptor)) == -Errno.Interrupted)
        {
        }

        ThrowIfUnsynced(outcome);
    }

    /// <summary>The same for all that is known of the file.</summary>
    /// <exception cref="StorageFailedException">It is not there, for whatever reason, and asking again would not tell.</exception>
    public void Sync()
    {
        int outcome;
        while ((outcome = _calls.Sync(_descriptor)) == -Errno.Interrupted)
        {
        }

        ThrowIfUnsynced(outcome);
    }

    /// <summary>Keeps everybody else from locking the file, until it is closed.</summary>
    /// <returns>Whether nobody had locked it.</returns>
    /// <exception cref="StorageException">The system does not lock it.</exception>
    public bool TryLock()
    {
        var outcome = _calls.Lock(_descriptor);
        return outcome >= 0 || (outcome == -Errno.WouldBlock ? false : throw StorageException.Of($"{Path} cannot be locked", -outcome));
    }

    public void Dispose() => _descriptor.Dispose();

    // ENOSPC and EDQUOT too: what did not get to the device is not in the cache any more either.
    private void ThrowIfUnsynced(int outcome)
    {
        if (outcome < 0)
        {
            throw new StorageFailedException(
                $"{Path} does not get to the device: {Marshal.GetPInvokeErrorMessage(-outcome)} (errno {-outcome}).", -outcome);
        }
    }

    private void WriteAll(IoVector* vectors, int count, long offset)
    {
        long done = 0;
        while (true)
        {
            // 1. What is written already goes from the front.
            for (; count > 0 && vectors->Length == 0; count--)
            {
                vectors++;
            }

            if (count == 0)
            {
                return;
            }

            // 2. As much as one call takes, which cuts off by itself what is too much.
            var written = _calls.Write(_descriptor, vectors, count, offset + done);
            if (written == -Errno.Interrupted)
            {
                continue;
            }

            if (written == -Errno.Invalid && IsDirect)
            {
                SetDirect(false);
                continue;
            }

            // A call that writes nothing and gives no reason would go on for ever.
            if (written <= 0)
            {
                throw StorageException.Of($"Bytes at {offset + done} of {Path} cannot be written", written == 0 ? Errno.Io : (int)-written, done);
            }

            // 3. It may have been cut off anywhere.
            done += written;
            for (var rest = (nuint)written; rest > 0; vectors += vectors->Length == 0 ? 1 : 0)
            {
                var taken = rest < vectors->Length ? rest : vectors->Length;
                vectors->Base += taken;
                vectors->Length -= taken;
                rest -= taken;
                count -= vectors->Length == 0 ? 1 : 0;
            }
        }
    }
}
