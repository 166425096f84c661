using System.Buffers;
using Adam.Service.Codec;
using Adam.Service.Sessions;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Service.DataPlane;

/// <summary>
/// Sends values of one version as chunks. A chunk in the type of its elements is copied from where they lie into the transport's buffers; any other is converted
/// into memory that the sender uses again. Small chunks leave together.
/// </summary>
/// <typeparam name="TResponse">The message that carries a chunk.</typeparam>
internal sealed class ChunkSender<TResponse> : IDisposable
    where TResponse : class
{
    // What may lie unsent before it is made to leave. Only from there on a slow client is waited for, so it is little.
    private const int UnsentBytesMax = 16 << 10;

    // What a message has beside elements and ids of rows.
    private const int HeadBytesMax = 40;

    private static readonly WriteOptions MoreFollows = new(WriteFlags.BufferHint);

    private readonly IServerStreamWriter<TResponse> _responses;
    private readonly TResponse _message;

    // One message for all chunks: it is written before WriteAsync returns.
    private readonly TensorChunk _chunk = new();
    private byte[] _converted = [];
    private int _unsentBytes;

    public ChunkSender(IServerStreamWriter<TResponse> responses, Func<TensorChunk, TResponse> wrap) =>
        (_responses, _message) = (responses, wrap(_chunk));

    /// <summary>Sends everything that a lease has. What is small may wait for the next message of the stream, which is written without <see cref="WriteFlags.BufferHint"/>.</summary>
    /// <param name="lease">The lease, which stays the caller's.</param>
    /// <param name="dtype">How elements are sent; UNSPECIFIED is their own.</param>
    /// <param name="chunkBytes">The size of a chunk.</param>
    /// <param name="cancellationToken">Ends the wait for a slow client.</param>
    /// <exception cref="Errors.ServiceException">VERSION_EVICTED or SESSION_DELETED: the client was too slow.</exception>
    public async Task SendAsync(ReadLease lease, DType dtype, int chunkBytes, CancellationToken cancellationToken)
    {
        while (!lease.IsAtEnd)
        {
            var (tensor, slot, _) = lease.Part;
            var countMax = CountMax(lease, chunkBytes, TensorWire.ElementBytes(TensorWire.SentType(dtype, lease.Part.Elements.DType)));
            _chunk.TensorIndex = (uint)tensor;
            _chunk.Slot = slot;
            _chunk.Offset = (ulong)lease.Offset;
            _chunk.Dtype = TensorWire.SentType(dtype, lease.Part.Elements.DType);
            SetRows(lease, countMax);
            await await WriteAsync(lease, countMax, cancellationToken);
        }

        // What waits leaves with the message that follows.
        (_responses.WriteOptions, _unsentBytes) = (null, 0);
    }

    public void Dispose()
    {
        if (_converted.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_converted);
            _converted = [];
        }
    }

    // Of rows whole ones only, at least one, and their ids count, too.
    private static long CountMax(ReadLease lease, int chunkBytes, int elementBytes) => lease.Part.Rows is null
        ? chunkBytes / elementBytes
        : Math.Max(1, chunkBytes / ((elementBytes * lease.Part.RowLength) + sizeof(long))) * lease.Part.RowLength;

    private void SetRows(ReadLease lease, long countMax)
    {
        if (lease.Part.Rows is not { } rows)
        {
            _chunk.RowIds = null;
            return;
        }

        var length = lease.Part.RowLength;
        var first = (int)(lease.Offset / length);
        _chunk.Offset = (ulong)first;
        _chunk.RowIds = new RowIds { Ids = { new ArraySegment<long>(rows, first, (int)Math.Min(countMax / length, rows.Length - first)) } };
    }

    // The outer task ends when the elements are no longer looked at, the inner one when there is room for more.
    private async ValueTask<Task> WriteAsync(ReadLease lease, long countMax, CancellationToken cancellationToken)
    {
        var elements = await lease.BeginAsync(countMax);
        try
        {
            if (_chunk.Dtype == TensorWire.ToWire(elements.DType))
            {
                // The message is in the transport's buffers when this returns, whatever it then waits for.
                _chunk.Data = TensorWire.Encode(elements);
                return SendAsync(cancellationToken);
            }

            Convert(elements, (int)elements.ElementCount * TensorWire.ElementBytes(_chunk.Dtype));
        }
        finally
        {
            lease.End();
        }

        return SendAsync(cancellationToken);
    }

    private Task SendAsync(CancellationToken cancellationToken)
    {
        _unsentBytes += HeadBytesMax + _chunk.Data.Length + (sizeof(long) * (_chunk.RowIds?.Ids.Count ?? 0));
        var mayWait = _unsentBytes < UnsentBytesMax;
        _unsentBytes = mayWait ? _unsentBytes : 0;
        _responses.WriteOptions = mayWait ? MoreFollows : null;
        return _responses.WriteAsync(_message, cancellationToken);
    }

    private void Convert(Engine.TensorView elements, int bytes)
    {
        if (_converted.Length < bytes)
        {
            Dispose();
            _converted = ArrayPool<byte>.Shared.Rent(bytes);
        }

        TensorWire.Convert(elements, _chunk.Dtype, _converted.AsSpan(0, bytes));
        _chunk.Data = UnsafeByteOperations.UnsafeWrap(_converted.AsMemory(0, bytes));
    }
}
