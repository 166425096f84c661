namespace Adam.Service.Storage.Log;

/// <summary>A stretch of a segment: a record, or what should be one.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Header">The record's header; null if none can be read there.</param>
/// <param name="FirstLsn">The record that begins here, or should.</param>
/// <param name="LastLsn">The same record; or the last one before the next that can be read; null if none can be read behind it.</param>
/// <param name="Fault">What is wrong, as a sentence without its end; empty if it is a record whose header and head are intact, or the zeros behind the last one.</param>
internal readonly record struct LogItem(long Offset, RecordHeader? Header, ulong FirstLsn, ulong? LastLsn, string Fault);
