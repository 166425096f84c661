using Grpc.Net.Client.Internal.Retry;

namespace AdamGrpc.Tests;

public sealed class RequestLogTests
{
    [Fact]
    public void KeepFor_OneAttempt_DropsWhatItHasSent()
    {
        RequestLog log = new();
        RequestFrame first = new(new byte[] { 1 }, isFlushed: true);
        RequestFrame second = new(new byte[] { 2 }, isFlushed: true);
        log.Append(first);
        log.Append(second);
        using ReplayContent content = new(log);
        Assert.Same(second, log.Read(1, out _, out _));

        log.KeepFor(content);
        Assert.Same(first, log.Read(0, out _, out _));

        // Nobody reads any more: an attempt that never sends anything keeps nothing.
        log.KeepFor(null);
        Assert.Null(log.Read(0, out _, out bool isComplete));
        Assert.False(isComplete);
        Assert.Null(log.Read(1, out _, out _));
    }

    [Fact]
    public async Task OnSent_ByTheAttemptThatCounts_DropsRequests()
    {
        RequestLog log = new();
        using ReplayContent content = new(log);
        log.KeepFor(content);
        RequestFrame frame = new(new byte[] { 1 }, isFlushed: true);
        log.Append(frame);
        log.Complete();

        Assert.Equal([1], await content.ReadAsByteArrayAsync());

        Assert.True(frame.Sent.IsCompleted);
        Assert.True(content.Finished.IsCompleted);
        Assert.Null(log.Read(0, out _, out _));
    }

    [Fact]
    public void Complete_EndsAfterTheLastRequest()
    {
        RequestLog log = new();
        log.Append(new RequestFrame(new byte[] { 1 }, isFlushed: true));
        Assert.Null(log.Read(1, out Task changed, out bool isComplete));
        Assert.False(isComplete);
        Assert.False(changed.IsCompleted);

        log.Complete();

        Assert.True(changed.IsCompleted);
        Assert.Null(log.Read(1, out _, out isComplete));
        Assert.True(isComplete);
    }
}
