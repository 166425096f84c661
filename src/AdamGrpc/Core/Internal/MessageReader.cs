using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Grpc.Core.Internal;

/// <summary>Takes messages out of a pipe, one at a time.</summary>
/// <param name="pipe">The body of the request or response.</param>
/// <param name="parser">Finds the messages.</param>
internal sealed class MessageReader<T>(PipeReader pipe, MessageParser<T> parser)
    where T : class
{
    /// <summary>Whether the message that was read last is known to be the last of all. It need not be known yet.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Reads the next message.</summary>
    /// <returns>Null at the end of the messages.</returns>
    /// <exception cref="RpcException">The bytes break the protocol, or the message is too long. It was not buffered then.</exception>
    /// <exception cref="OperationCanceledException">The read was cancelled. Nothing was consumed.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await pipe.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (result.IsCanceled)
            {
                pipe.AdvanceTo(buffer.Start);
                throw new OperationCanceledException();
            }

            if (TryTake(buffer, out T? message, out SequencePosition consumed))
            {
                IsAtEnd = result.IsCompleted && consumed.Equals(buffer.End);
                pipe.AdvanceTo(consumed);
                return message;
            }

            pipe.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return buffer.IsEmpty ? null : throw MessageParser<T>.Incomplete();
            }
        }
    }

    private bool TryTake(in ReadOnlySequence<byte> buffer, out T? message, out SequencePosition consumed)
    {
        try
        {
            return parser.TryTake(buffer, out message, out consumed);
        }
        catch
        {
            // Whoever catches this may still want to close the pipe in order, which needs the read to be ended.
            pipe.AdvanceTo(buffer.Start, buffer.End);
            throw;
        }
    }
}
