namespace Grpc.Net.Client.Internal.Retry;

/// <summary>One request with its prefix, as it is sent.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="isFlushed">Whether it leaves at once, rather than with the next one.</param>
internal sealed class RequestFrame(ReadOnlyMemory<byte> bytes, bool isFlushed)
{
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReadOnlyMemory<byte> Bytes => bytes;

    public bool IsFlushed => isFlushed;

    /// <summary>Ends when an attempt has sent the frame.</summary>
    public Task Sent => _sent.Task;

    public void SetSent() => _sent.TrySetResult();
}
