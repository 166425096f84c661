using System.Buffers;
using System.IO.Pipelines;

namespace Adam.Fuzz.Oracles;

/// <summary>
/// A pipe into which one piece comes at a time, without threads. Holds its reader to the rules of pipes: each read is ended once, nothing is
/// consumed that was not given, and nobody asks again and again without having looked at what there is.
/// </summary>
internal sealed class PiecewisePipeReader(Pieces pieces) : PipeReader
{
    private int _first;
    private int _offset;
    private int _last = -1;
    private bool _isReading;
    private bool _isExamined = true;
    private int _idleReads;
    private ReadOnlySequence<byte> _buffer;

    /// <summary>How many bytes have come.</summary>
    public long Come { get; private set; }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        OracleException.ThrowUnless(!_isReading, "The pipe is read again before the last read was ended.");
        if (_isExamined && _last < pieces.Count - 1)
        {
            _last++;
            Come += pieces[_last].Length;
            _idleReads = 0;
        }
        else if (++_idleReads > 2)
        {
            // After each message that lay in the buffer one read finds the rest of it; more than that is a loop.
            throw new OracleException("The pipe is read over and over without progress.");
        }

        _isReading = true;
        _buffer = pieces.From(_first, _offset, _last);
        return ValueTask.FromResult(new ReadResult(_buffer, isCanceled: false, isCompleted: _last == pieces.Count - 1));
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        OracleException.ThrowUnless(_isReading, "A read is ended that was not begun, or twice.");
        _isReading = false;
        var taken = _buffer.Slice(0, consumed).Length;
        var seen = _buffer.Slice(0, examined).Length;
        OracleException.ThrowUnless(taken <= seen || taken == 0, "More is consumed than examined.");
        _isExamined = seen == _buffer.Length;
        if (taken > 0)
        {
            _idleReads = 0;
        }

        for (var left = taken; left > 0;)
        {
            var here = (int)Math.Min(left, pieces[_first].Length - _offset);
            (_offset, left) = (_offset + here, left - here);
            if (_offset == pieces[_first].Length && _first < _last)
            {
                (_first, _offset) = (_first + 1, 0);
            }
        }
    }

    public override bool TryRead(out ReadResult result) => throw new NotSupportedException();

    public override void CancelPendingRead() => throw new NotSupportedException();

    public override void Complete(Exception? exception = null)
    {
    }
}
