using System.IO.Pipelines;

namespace Adam.Service.Connections;

/// <summary>The body of a response: what is flushed is the client's to take.</summary>
internal sealed class PacedResponseWriter(PipeWriter body, PacedCall call) : PipeWriter
{
    private long _written;

    public override bool CanGetUnflushedBytes => body.CanGetUnflushedBytes;

    public override long UnflushedBytes => body.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => body.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => body.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        body.Advance(bytes);
        _written += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        Offer();
        var flush = body.FlushAsync(cancellationToken);
        return call.HasRoom ? flush : WaitAsync(flush);
    }

    public override void CancelPendingFlush() => body.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        Offer();
        body.Complete(exception);
    }

    /// <summary>Counts what was written so far as handed over.</summary>
    public void Offer()
    {
        call.Offer(_written);
        _written = 0;
    }

    // What is flushed is in memory; it is the next message that has to wait until there is room for it.
    private async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flush)
    {
        var result = await flush;
        await call.WaitForTurnAsync();
        return result;
    }
}
