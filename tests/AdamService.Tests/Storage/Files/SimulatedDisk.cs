using Adam.Service.Storage.Files;

namespace Adam.Service.Tests.Storage.Files;

/// <summary>
/// A disk in memory under the file layer. It knows what was synchronised and what was not, keeps a budget of bytes, fails where it is told to, and can
/// lose its power: then each sector and each name that was not synchronised is what it was or what it became, as a seed says.
/// </summary>
internal sealed unsafe class SimulatedDisk : IFileCalls
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, (SimulatedInode? File, string Path)> _open = [];
    private readonly List<SimulatedName> _unsyncedNames = [];
    private Dictionary<string, SimulatedInode> _names = [];
    private Dictionary<string, SimulatedInode> _durableNames = [];
    private readonly HashSet<int> _direct = [];
    private int _nextDescriptor = 3;
    private bool _isOff;

    /// <summary>Operations that change something or synchronise, so far.</summary>
    public int Operations { get; private set; }

    /// <summary>Called before each such operation with its number, from 1; answers with a fault or null.</summary>
    public Func<int, string, Fault?>? FaultAt { get; set; }

    /// <summary>Called within each synchronisation of data, outside of the disk's lock.</summary>
    public Action? Syncing { get; set; }

    /// <summary>How many bytes all files together may have.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Whether files may be written past the cache; then whatever does not consist of whole pages is refused.</summary>
    public bool AllowsDirect { get; set; } = true;

    /// <summary>Bytes that were written past the cache.</summary>
    public long DirectBytes { get; private set; }

    /// <summary>How often data was synchronised.</summary>
    public int DataSyncs { get; private set; }

    /// <summary>Files that are open.</summary>
    public int OpenFiles
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>The files' paths, in order.</summary>
    public string[] Paths
    {
        get
        {
            lock (_lock)
            {
                return [.. _names.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>A file's content.</summary>
    public byte[] this[string path]
    {
        get
        {
            lock (_lock)
            {
                return [.. _names[path].Content];
            }
        }

        set
        {
            lock (_lock)
            {
                var inode = new SimulatedInode();
                inode.Content.AddRange(value);
                inode.SyncAll();
                (_names[path], _durableNames[path]) = (inode, inode);
            }
        }
    }

    /// <summary>Everything fails from now on, as if the process had ended.</summary>
    public void PowerOff()
    {
        lock (_lock)
        {
            _isOff = true;
        }
    }

    /// <summary>What is on the disk after a power cut now. This disk stays as it is.</summary>
    public SimulatedDisk AfterPowerCut(int seed)
    {
        lock (_lock)
        {
            var random = new Random(seed);
            var names = new Dictionary<string, SimulatedInode>(_durableNames);
            foreach (var change in _unsyncedNames.Where(_ => random.Next(2) == 0))
            {
                change.ApplyTo(names);
            }

            var disk = new SimulatedDisk();
            disk._names = names.ToDictionary(entry => entry.Key, entry => entry.Value.AfterPowerCut(random));
            disk._durableNames = new Dictionary<string, SimulatedInode>(disk._names);
            return disk;
        }
    }

    /// <summary>The same content, all of it synchronised, as after the end of the process alone.</summary>
    public SimulatedDisk Copy()
    {
        var disk = new SimulatedDisk();
        foreach (var path in Paths)
        {
            disk[path] = this[path];
        }

        return disk;
    }

    public int Open(string path, FileUse use)
    {
        lock (_lock)
        {
            if (_isOff)
            {
                return -Errno.Io;
            }

            SimulatedInode? inode = null;
            if (use != FileUse.Directory && !_names.TryGetValue(path, out inode) && (use is FileUse.Read or FileUse.Update))
            {
                return -Errno.Missing;
            }

            if (use is FileUse.UpdateOrCreate or FileUse.Replace && Failure("open") is { } fault)
            {
                return -fault.Errno;
            }

            if (use is FileUse.UpdateOrCreate or FileUse.Replace && inode is null)
            {
                inode = new SimulatedInode();
                Change(new SimulatedName(null, path, inode));
            }

            if (use == FileUse.Replace)
            {
                inode!.Truncate(0);
            }

            return Descriptor(inode, path);
        }
    }

    public int Close(int descriptor)
    {
        lock (_lock)
        {
            _direct.Remove(descriptor);
            return _open.Remove(descriptor) ? 0 : -Errno.Io;
        }
    }

    public long Write(Descriptor file, IoVector* pieces, int count, long offset)
    {
        lock (_lock)
        {
            var bytes = new List<byte>();
            for (var i = 0; i < count; i++)
            {
                bytes.AddRange(new ReadOnlySpan<byte>(pieces[i].Base, (int)pieces[i].Length));
            }

            var isDirect = _direct.Contains(NumberOf(file));
            if (isDirect && (offset % 4096 != 0 || !IsPages(pieces, count)))
            {
                return -Errno.Invalid;
            }

            var most = bytes.Count;
            if (Failure("write") is { } fault)
            {
                if (!fault.IsShort)
                {
                    return -fault.Errno;
                }

                most = (most / 2) + 1;
            }

            var inode = Of(file);
            var growth = Math.Max(0, offset + most - inode.Content.Count);
            var room = Capacity - _names.Values.Distinct().Sum(one => (long)one.Content.Count);
            if (growth > room)
            {
                most -= (int)(growth - room);
                if (most <= 0)
                {
                    return -Errno.NoSpace;
                }
            }

            inode.Write(bytes, most, (int)offset);
            DirectBytes += isDirect ? most : 0;
            return most;
        }
    }

    public long Read(Descriptor file, byte* into, long length, long offset)
    {
        lock (_lock)
        {
            var content = Of(file).Content;
            var count = (int)Math.Clamp(content.Count - offset, 0, length);
            for (var i = 0; i < count; i++)
            {
                into[i] = content[(int)offset + i];
            }

            return _isOff ? -Errno.Io : count;
        }
    }

    public int Sync(Descriptor file) => Sync(file, "fsync");

    public int SyncData(Descriptor file)
    {
        Syncing?.Invoke();
        lock (_lock)
        {
            DataSyncs++;
        }

        return Sync(file, "fdatasync");
    }

    public int SetDirect(Descriptor file, bool isDirect)
    {
        lock (_lock)
        {
            if (!AllowsDirect)
            {
                return -Errno.Invalid;
            }

            _ = isDirect ? _direct.Add(NumberOf(file)) : _direct.Remove(NumberOf(file));
            return 0;
        }
    }

    public int BeginWriteback(Descriptor file, long offset, long length) => 0;

    public int Truncate(Descriptor file, long length)
    {
        lock (_lock)
        {
            if (Failure("truncate") is { } fault)
            {
                return -fault.Errno;
            }

            Of(file).Truncate((int)length);
            return 0;
        }
    }

    public long Length(Descriptor file)
    {
        lock (_lock)
        {
            return Of(file).Content.Count;
        }
    }

    public int Lock(Descriptor file) => 0;

    public int Rename(string from, string to) => Named("rename", () => Change(new SimulatedName(from, to, _names[from])));

    public int Unlink(string path) => Named("unlink", () =>
    {
        if (_names.TryGetValue(path, out var inode))
        {
            Change(new SimulatedName(path, null, inode));
        }
    });

    public int MakeDirectory(string path) => 0;

    public IReadOnlyList<string> List(string path) => [.. Paths.Where(name => Path.GetDirectoryName(name) == path).Select(name => Path.GetFileName(name)!)];

    private int Named(string operation, Action change)
    {
        lock (_lock)
        {
            if (Failure(operation) is { } fault)
            {
                return -fault.Errno;
            }

            change();
            return 0;
        }
    }

    private int Sync(Descriptor file, string operation)
    {
        lock (_lock)
        {
            var (inode, path) = _open[(int)file.DangerousGetHandle()];
            var fault = Failure(inode is null ? "fsync of directory" : operation);
            if (fault is { Errno: Errno.Interrupted })
            {
                return -Errno.Interrupted;
            }

            if (inode is not null)
            {
                // As on Linux: what could not be written is clean afterwards, and the next call says that all is well.
                inode.Sync(isLost: fault is not null);
            }
            else if (fault is null)
            {
                foreach (var change in _unsyncedNames.Where(change => Path.GetDirectoryName(change.To ?? change.From) == path))
                {
                    change.ApplyTo(_durableNames);
                }

                _unsyncedNames.RemoveAll(change => Path.GetDirectoryName(change.To ?? change.From) == path);
            }

            return fault is null ? 0 : -fault.Value.Errno;
        }
    }

    private Fault? Failure(string operation)
    {
        Operations++;
        return _isOff ? new Fault(Errno.Io) : FaultAt?.Invoke(Operations, operation) is { } fault && (!fault.IsShort || operation == "write") ? fault : null;
    }

    private void Change(SimulatedName change)
    {
        change.ApplyTo(_names);
        _unsyncedNames.Add(change);
    }

    private int Descriptor(SimulatedInode? inode, string path)
    {
        _open.Add(_nextDescriptor, (inode, path));
        return _nextDescriptor++;
    }

    private static bool IsPages(IoVector* pieces, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if ((nuint)pieces[i].Base % 4096 != 0 || pieces[i].Length % 4096 != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static int NumberOf(Descriptor file) => (int)file.DangerousGetHandle();

    private SimulatedInode Of(Descriptor file) => _open[NumberOf(file)].File!;

    /// <summary>What a call does instead of what it should.</summary>
    /// <param name="Errno">The error.</param>
    /// <param name="IsShort">It is no error: the call writes little more than half of what it should. Nothing for other calls.</param>
    internal readonly record struct Fault(int Errno, bool IsShort = false);
}
