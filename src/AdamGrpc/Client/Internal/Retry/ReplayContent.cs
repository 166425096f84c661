using System.Net;

namespace Grpc.Net.Client.Internal.Retry;

/// <summary>The request stream of one attempt: it sends what the log has, from the beginning, and what comes to it.</summary>
internal sealed class ReplayContent(RequestLog log) : RequestContent
{
    private readonly CancellationTokenSource _abandonment = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile int _sentCount;

    /// <summary>How many requests were sent.</summary>
    public int SentCount => _sentCount;

    /// <summary>Ends when nothing more will be sent, for whatever reason.</summary>
    public Task Finished => _finished.Task;

    // What waits on the token goes on elsewhere: whoever ends a call is not to do its work.
    public override void Abandon() => _ = _abandonment.CancelAsync();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // What the handler would send again by itself may have been dropped already; another attempt is for the call to decide on.
        if (IsBegun)
        {
            throw new HttpRequestException("A request stream cannot be sent twice.");
        }

        Begin();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _abandonment.Token);
        try
        {
            await SendAsync(stream, stop.Token);
        }
        finally
        {
            _finished.TrySetResult();
        }
    }

    private async Task SendAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            RequestFrame? frame = log.Read(_sentCount, out Task changed, out bool isComplete);
            if (frame is not null)
            {
                await stream.WriteAsync(frame.Bytes, cancellationToken);
                if (frame.IsFlushed)
                {
                    await stream.FlushAsync(cancellationToken);
                }

                _sentCount++;
                frame.SetSent();
                log.OnSent(this);
            }
            else if (isComplete)
            {
                return;
            }
            else
            {
                // The handler keeps the headers back for the first bytes of the body, and these may wait for an answer of the server.
                await stream.FlushAsync(cancellationToken);
                await changed.WaitAsync(cancellationToken);
            }
        }
    }
}
