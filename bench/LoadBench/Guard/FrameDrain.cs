using System.IO.Pipelines;

namespace Adam.Bench.LoadBench.Guard;

/// <summary>A connection without a socket: what is written is there until the next write.</summary>
internal sealed class FrameDrain : PipeWriter
{
    private readonly byte[] _memory = FrameFeed.Frame();

    public override Memory<byte> GetMemory(int sizeHint = 0) => _memory;

    public override Span<byte> GetSpan(int sizeHint = 0) => _memory;

    public override void Advance(int bytes)
    {
        // The same bytes are lent again.
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => new(default(FlushResult));

    public override void CancelPendingFlush() => throw new NotSupportedException("No flush waits.");

    public override void Complete(Exception? exception = null)
    {
        // There is nothing to give back.
    }
}
