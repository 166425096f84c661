namespace Adam.Service.Storage.Log;

/// <summary>A record that can be read.</summary>
/// <param name="SegmentLsn">The first record of its segment, after which that is named.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Header">How it begins.</param>
internal readonly record struct LogRecord(ulong SegmentLsn, long Offset, RecordHeader Header)
{
    /// <summary>Its number.</summary>
    public ulong Lsn => Header.Lsn;

    /// <summary>Whose it is.</summary>
    public UInt128 SessionUid => Header.SessionUid;

    /// <summary>How many bytes its head has.</summary>
    public int HeadLength => Header.HeadLength;

    /// <summary>How many bytes its payload has.</summary>
    public long PayloadLength => Header.PayloadLength;
}
