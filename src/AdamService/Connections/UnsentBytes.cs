namespace Adam.Service.Connections;

/// <summary>Counts the bytes of answers that wait for their clients.</summary>
/// <param name="bytesMax">From where on there are too many.</param>
internal sealed class UnsentBytes(long bytesMax)
{
    private long _bytes;

    /// <summary>The bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Whether there are too many.</summary>
    public bool IsTooMuch => Bytes > bytesMax;

    /// <summary>Whether there is room for a while, so that not every answer has to look for some.</summary>
    public bool HasRoom => Bytes <= bytesMax - (bytesMax / 8);

    /// <summary>Adds bytes, or takes them away.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);
}
