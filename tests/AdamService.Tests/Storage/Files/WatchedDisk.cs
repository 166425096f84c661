using Adam.Service.Storage.Files;

namespace Adam.Service.Tests.Storage.Files;

/// <summary>The real disk, for tests that want to stand in the way of a call.</summary>
/// <param name="opening">Called before a file or directory is opened, with its path.</param>
internal sealed unsafe class WatchedDisk(Action<string> opening) : IFileCalls
{
    private readonly LinuxCalls _calls = new();

    public int Open(string path, FileUse use)
    {
        opening(path);
        return _calls.Open(path, use);
    }

    public int Close(int descriptor) => _calls.Close(descriptor);

    public long Write(Descriptor file, IoVector* pieces, int count, long offset) => _calls.Write(file, pieces, count, offset);

    public long Read(Descriptor file, byte* into, long length, long offset) => _calls.Read(file, into, length, offset);

    public int SetDirect(Descriptor file, bool isDirect) => _calls.SetDirect(file, isDirect);

    public int Sync(Descriptor file) => _calls.Sync(file);

    public int SyncData(Descriptor file) => _calls.SyncData(file);

    public int BeginWriteback(Descriptor file, long offset, long length) => _calls.BeginWriteback(file, offset, length);

    public int Truncate(Descriptor file, long length) => _calls.Truncate(file, length);

    public long Length(Descriptor file) => _calls.Length(file);

    public int Lock(Descriptor file) => _calls.Lock(file);

    public int Rename(string from, string to) => _calls.Rename(from, to);

    public int Unlink(string path) => _calls.Unlink(path);

    public int MakeDirectory(string path) => _calls.MakeDirectory(path);

    public IReadOnlyList<string> List(string path) => _calls.List(path);
}
