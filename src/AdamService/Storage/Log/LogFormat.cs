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

    /// <summary>The length of payloads that begin on a page, which the system writes faster. Shorter ones begin right behind the head.</summary>
    public const long PagedPayloadBytes = 64 << 10;

    private const int PageBytes = 4096;

    /// <summary>Where a payload begins.</summary>
    /// <param name="offset">Where its record begins.</param>
    /// <param name="headLength">How long the record's head is.</param>
    /// <param name="payloadLength">How long the payload is.</param>
    public static long PayloadOffset(long offset, int headLength, long payloadLength) =>
        RoundUp(offset + RecordHeaderBytes + headLength, payloadLength >= PagedPayloadBytes ? PageBytes : 1);

    /// <summary>Where the record behind one begins.</summary>
    public static long RecordEnd(long offset, int headLength, long payloadLength) =>
        RoundUp(PayloadOffset(offset, headLength, payloadLength) + payloadLength, Alignment);

    private static long RoundUp(long value, long multiple) => checked(value + multiple - 1) / multiple * multiple;
}
