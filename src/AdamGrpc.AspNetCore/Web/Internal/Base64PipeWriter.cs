using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.IO.Pipelines;

namespace Grpc.AspNetCore.Web.Internal;

/// <summary>Writes base64. Each flush ends a piece with its own padding, so that a client can decode everything that it has.</summary>
internal sealed class Base64PipeWriter(PipeWriter output) : PipeWriter
{
    // How many bytes wait until they are encoded without a flush: three of them make four characters.
    private const int PendingMax = 3 * 4096;

    private readonly ArrayBufferWriter<byte> _pending = new();

    public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

    public override long UnflushedBytes => output.UnflushedBytes + Base64.GetMaxEncodedToUtf8Length(_pending.WrittenCount);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _pending.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _pending.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        _pending.Advance(bytes);
        if (_pending.WrittenCount >= PendingMax)
        {
            Encode(_pending.WrittenCount / 3 * 3);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        EncodeAll();
        return output.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        EncodeAll();
        output.Complete(exception);
    }

    /// <summary>Ends a piece.</summary>
    public void EncodeAll() => Encode(_pending.WrittenCount);

    private void Encode(int count)
    {
        ReadOnlySpan<byte> bytes = _pending.WrittenSpan[..count];
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> piece = bytes[..Math.Min(bytes.Length, PendingMax)];
            bytes = bytes[piece.Length..];
            OperationStatus status = Base64.EncodeToUtf8(
                piece, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(piece.Length)), out _, out int written);
            Debug.Assert(status == OperationStatus.Done, "The destination is as large as it has to be.");
            output.Advance(written);
        }

        // At most two bytes are left.
        Span<byte> rest = stackalloc byte[2];
        int restLength = _pending.WrittenCount - count;
        _pending.WrittenSpan[count..].CopyTo(rest);
        _pending.ResetWrittenCount();
        _pending.Write(rest[..restLength]);
    }
}
