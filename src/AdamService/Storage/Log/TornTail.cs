namespace Adam.Service.Storage.Log;

/// <summary>The end of the log that was being written when the service was interrupted: nothing from there on had been acknowledged.</summary>
/// <param name="Segment">The segment's path.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Lsn">The first record in it.</param>
/// <param name="Fault">What is wrong, as a sentence without its end.</param>
internal sealed record TornTail(string Segment, long Offset, ulong Lsn, string Fault);
