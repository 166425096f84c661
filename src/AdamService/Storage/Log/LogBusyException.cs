namespace Adam.Service.Storage.Log;

/// <summary>So much waits to be written already that an entry was not taken. It may be appended again when others are through.</summary>
/// <param name="entryBytes">What the entry needs.</param>
/// <param name="waitingBytes">What waits.</param>
/// <param name="bytesMax">What may wait.</param>
internal sealed class LogBusyException(long entryBytes, long waitingBytes, long bytesMax) : Exception(
    $"The log cannot take {entryBytes} bytes now: {waitingBytes} bytes wait to be written, and {bytesMax} may. The disk is slower than what comes in.");
