namespace Adam.Service.Storage.Log;

/// <summary>The numbers of the log's format. All integers in its files are little-endian.</summary>
internal static class LogFormat
{
    /// <summary>The version that segments are written in.</summary>
    public const uint Version = 1;

    /// <summary>What records, and the search for the next one behind damage, begin at multiples of.</summary>
    public const int Alignment = 64;

    /// <summary>The length of a segment's header, which is where its first record begins.</summary>
    public const int SegmentHeaderBytes = 64;

    /// <summary>The length of a record's header.</summary>
    public const int RecordHeaderBytes = 64;

    /// <summary>The longest head of a record.</summary>
    public const int HeadBytesMax = 4 << 20;

    /// <summary>The sequence number of the first record of all.</summary>
    public const ulong FirstLsn = 1;

    /// <summary>How many bytes a record takes from its beginning to the next one's.</summary>
    public static long RecordBytes(int headLength, long payloadLength) =>
        checked(RecordHeaderBytes + headLength + payloadLength + Alignment - 1) / Alignment * Alignment;
}
