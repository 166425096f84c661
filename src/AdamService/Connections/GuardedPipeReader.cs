using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Adam.Service.Connections;

/// <summary>
/// The input of a connection. Bytes are looked at where they lie, once, when they are consumed: they are the next ones then, however they
/// were cut and however often they were examined before.
/// </summary>
internal sealed class GuardedPipeReader(PipeReader input, GuardedConnection connection) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        connection.ThrowIfBroken();
        var result = await input.ReadAsync(cancellationToken);
        if (connection.IsBroken)
        {
            input.AdvanceTo(result.Buffer.Start);
            connection.ThrowIfBroken();
        }

        _buffer = result.Buffer;
        return result;
    }

    public override bool TryRead([NotNullWhen(true)] out ReadResult result)
    {
        connection.ThrowIfBroken();
        if (!input.TryRead(out result))
        {
            return false;
        }

        _buffer = result.Buffer;
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        connection.Observe(_buffer.Slice(0, consumed));
        _buffer = default;
        input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        // What a client sends that broke a limit is still to be read, and thrown away.
        if (!connection.IsBroken)
        {
            input.Complete(exception);
        }
    }
}
