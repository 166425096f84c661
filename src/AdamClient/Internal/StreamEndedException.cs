namespace Adam.Client.Internal;

/// <summary>A stream takes no more messages. Why stands on its receiving side.</summary>
internal sealed class StreamEndedException(Exception cause) : Exception("The stream has ended; its receiving side says why.", cause);
