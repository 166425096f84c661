namespace Grpc.Net.Client.Internal.Retry;

/// <summary>Counts the bytes that a channel keeps so that calls can be repeated.</summary>
/// <param name="bytesMax">The most for all calls; null is no limit.</param>
/// <param name="bytesPerCallMax">The most for one call; null is no limit.</param>
internal sealed class RetryBuffer(long? bytesMax, long? bytesPerCallMax)
{
    private readonly Lock _lock = new();
    private long _bytes;

    /// <summary>Takes room for a request.</summary>
    /// <param name="callBytes">What the call has already.</param>
    /// <param name="additional">What it needs more.</param>
    /// <returns>False when there is not enough; nothing was taken then.</returns>
    public bool TryTake(long callBytes, long additional)
    {
        lock (_lock)
        {
            if (callBytes + additional > bytesPerCallMax || _bytes + additional > bytesMax)
            {
                return false;
            }

            _bytes += additional;
            return true;
        }
    }

    public void GiveBack(long bytes)
    {
        lock (_lock)
        {
            _bytes -= bytes;
        }
    }
}
