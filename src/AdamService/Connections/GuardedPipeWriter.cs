using System.IO.Pipelines;

namespace Adam.Service.Connections;

/// <summary>The output of a connection, whose frames are looked at where they lie.</summary>
internal sealed class GuardedPipeWriter(PipeWriter output, OutgoingFrames frames) : PipeWriter
{
    private Memory<byte> _lent;

    public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

    public override long UnflushedBytes => output.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _lent = output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        frames.Observe(_lent.Span[..bytes]);
        _lent = _lent[bytes..];
        output.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => output.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => output.Complete(exception);
}
