using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace Adam.Bench.LoadBench.Guard;

/// <summary>A connection without a socket: every read finds the same DATA frame of 16 KiB, at once.</summary>
internal sealed class FrameFeed : PipeReader
{
    /// <summary>The payload of a frame, which is the largest that the service lets come.</summary>
    public const int PayloadBytes = 16 << 10;

    private readonly ReadOnlySequence<byte> _frame = new(Frame());

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => new(Read());

    public override bool TryRead(out ReadResult result)
    {
        result = Read();
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed)
    {
        // The same bytes come again.
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        // The same bytes come again.
    }

    public override void CancelPendingRead() => throw new NotSupportedException("No read waits.");

    public override void Complete(Exception? exception = null)
    {
        // There is nothing to give back.
    }

    /// <summary>The bytes of such a frame.</summary>
    public static byte[] Frame()
    {
        var frame = new byte[9 + PayloadBytes];
        BinaryPrimitives.WriteInt32BigEndian(frame, PayloadBytes << 8);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), 1);
        return frame;
    }

    private ReadResult Read() => new(_frame, isCanceled: false, isCompleted: false);
}
