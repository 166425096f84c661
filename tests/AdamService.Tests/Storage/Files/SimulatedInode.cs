namespace Adam.Service.Tests.Storage.Files;

/// <summary>A file's content, and what of it is on the disk.</summary>
internal sealed class SimulatedInode
{
    private const int SectorBytes = 512;

    private readonly HashSet<int> _dirty = [];
    private readonly List<byte> _durable = [];
    private bool _isLengthDirty;

    public List<byte> Content { get; } = [];

    public void Write(List<byte> bytes, int count, int offset)
    {
        SetLength(Content, Math.Max(Content.Count, offset + count));
        for (var i = 0; i < count; i++)
        {
            Content[offset + i] = bytes[i];
            _dirty.Add((offset + i) / SectorBytes);
        }
    }

    public void Truncate(int length)
    {
        SetLength(Content, length);
        _dirty.Add(length / SectorBytes);
    }

    public void Sync(bool isLost)
    {
        if (!isLost)
        {
            CopyDirty(_durable, static _ => true, Content.Count);
        }

        _dirty.Clear();
        _isLengthDirty &= isLost;
    }

    public void SyncAll()
    {
        _durable.Clear();
        _durable.AddRange(Content);
        _dirty.Clear();
    }

    public SimulatedInode AfterPowerCut(Random random)
    {
        var after = new SimulatedInode();
        after.Content.AddRange(_durable);
        var length = _isLengthDirty && random.Next(2) == 0 ? Content.Count : _durable.Count;
        CopyDirty(after.Content, _ => random.Next(2) == 0, length);
        after.SyncAll();
        return after;
    }

    private void CopyDirty(List<byte> into, Func<int, bool> isTaken, int length)
    {
        SetLength(into, length);
        foreach (var sector in _dirty.Order().Where(isTaken))
        {
            for (var i = sector * SectorBytes; i < Math.Min(Math.Min((sector + 1) * SectorBytes, length), Content.Count); i++)
            {
                into[i] = Content[i];
            }
        }
    }

    private void SetLength(List<byte> bytes, int length)
    {
        _isLengthDirty |= ReferenceEquals(bytes, Content) && bytes.Count != length;
        if (bytes.Count > length)
        {
            bytes.RemoveRange(length, bytes.Count - length);
        }

        bytes.AddRange(Enumerable.Repeat((byte)0, length - bytes.Count));
    }
}
