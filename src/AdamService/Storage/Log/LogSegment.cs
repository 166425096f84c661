namespace Adam.Service.Storage.Log;

/// <summary>A file of the log.</summary>
/// <param name="FirstLsn">The number of its first record, after which it is named.</param>
/// <param name="Bytes">Its length.</param>
internal readonly record struct LogSegment(ulong FirstLsn, long Bytes);
