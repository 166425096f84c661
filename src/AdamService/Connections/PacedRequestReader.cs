using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Adam.Service.Configuration;
using Grpc.Core;

namespace Adam.Service.Connections;

/// <summary>The body of a request. What was received and not consumed is the beginning of a message.</summary>
internal sealed class PacedRequestReader(PipeReader body, PacedCall call) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;
    private long _known;
    private volatile RpcException? _givenUp;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = body.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? ValueTask.FromResult(Receive(read.Result)) : WaitAsync(read);
    }

    public override bool TryRead([NotNullWhen(true)] out ReadResult result)
    {
        if (!body.TryRead(out result))
        {
            return false;
        }

        result = Receive(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _known = _buffer.Slice(consumed).Length;
        _buffer = default;
        body.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => body.Complete(exception);

    /// <summary>Lets the read that is pending, and all that follow, fail with DEADLINE_EXCEEDED.</summary>
    /// <returns>False when they do already.</returns>
    public bool GiveUp(double seconds)
    {
        if (_givenUp is not null)
        {
            return false;
        }

        _givenUp = new RpcException(new Status(
            StatusCode.DeadlineExceeded,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The client sent too little for {seconds} s in the middle of a request or batch ({Http2Options.Section}:{nameof(Http2Options.CallIdleSeconds)}).")));
        body.CancelPendingRead();
        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> read)
    {
        call.Request.BeginWait(_known > 0 || !call.MayRest);
        try
        {
            return Receive(await read);
        }
        finally
        {
            call.Request.EndWait();
        }
    }

    private ReadResult Receive(ReadResult result)
    {
        _buffer = result.Buffer;
        if (result.IsCanceled && _givenUp is { } reason)
        {
            body.AdvanceTo(result.Buffer.Start);
            throw reason;
        }

        call.Request.Receive(result.Buffer.Length - _known);
        return result;
    }
}
