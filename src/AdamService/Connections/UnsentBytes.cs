using System.Threading.Channels;

namespace Adam.Service.Connections;

/// <summary>Counts the bytes of answers that wait for their clients.</summary>
/// <param name="bytesMax">From where on there are too many.</param>
internal sealed class UnsentBytes(long bytesMax)
{
    private readonly Channel<bool> _tooMuch = Channel.CreateBounded<bool>(1);
    private long _bytes;

    /// <summary>The bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Whether there are too many.</summary>
    public bool IsTooMuch => Bytes > bytesMax;

    /// <summary>Adds bytes, or takes them away.</summary>
    public void Add(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) > bytesMax && bytes > 0)
        {
            _tooMuch.Writer.TryWrite(true);
        }
    }

    /// <summary>Waits until there are too many, or the time is over.</summary>
    public async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(time);
        try
        {
            await _tooMuch.Reader.ReadAsync(over.Token);
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
    }
}
