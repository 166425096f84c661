using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Grpc.Core;

namespace Grpc.AspNetCore.Web.Internal;

/// <summary>
/// Reads base64: one piece, or several with padding of their own after one another, in whatever parts they come. Anything else, spaces
/// included, ends the call.
/// </summary>
internal sealed class Base64PipeReader(PipeReader input) : PipeReader
{
    // Four characters are up to three bytes.
    private const int QuantumLength = 4;
    private const byte Padding = (byte)'=';

    private static readonly Status NotBase64 = new(StatusCode.Internal, "The request is not in base64.");

    private byte[] _bytes = [];
    private int _start;
    private int _end;
    private int _examined;
    private bool _isInputComplete;
    private ReadOnlySequence<byte> _given;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (_examined == _end && !_isInputComplete)
        {
            ReadResult result = await input.ReadAsync(cancellationToken);
            Decode(result);
            if (result.IsCanceled)
            {
                return Give(isCanceled: true);
            }
        }

        return Give(isCanceled: false);
    }

    public override bool TryRead([NotNullWhen(true)] out ReadResult result)
    {
        bool isCanceled = false;
        if (!_isInputComplete && input.TryRead(out ReadResult more))
        {
            isCanceled = more.IsCanceled;
            Decode(more);
        }

        bool hasResult = _examined < _end || _isInputComplete || isCanceled;
        result = hasResult ? Give(isCanceled) : default;
        return hasResult;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _examined = _start + (int)_given.Slice(_given.Start, examined).Length;
        _start += (int)_given.Slice(_given.Start, consumed).Length;
        _given = default;
    }

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    private ReadResult Give(bool isCanceled)
    {
        _given = new ReadOnlySequence<byte>(_bytes, _start, _end - _start);
        return new ReadResult(_given, isCanceled, _isInputComplete);
    }

    private void Decode(in ReadResult result)
    {
        ReadOnlySequence<byte> text = result.Buffer;
        ReadOnlySequence<byte> whole = text.Slice(0, text.Length - (text.Length % QuantumLength));
        bool isGood = TryDecode(whole) && !(result.IsCompleted && whole.Length < text.Length);

        // What is left of the text is the beginning of a quantum.
        _isInputComplete = result.IsCompleted;
        input.AdvanceTo(whole.End, text.End);
        if (!isGood)
        {
            throw new RpcException(NotBase64);
        }
    }

    private bool TryDecode(in ReadOnlySequence<byte> text)
    {
        int length = checked((int)text.Length);
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Span<byte> characters = rented.AsSpan(0, length);
            text.CopyTo(characters);
            while (!characters.IsEmpty)
            {
                // A piece ends with the quantum that is padded.
                int padding = characters.IndexOf(Padding);
                int pieceLength = padding < 0 ? characters.Length : ((padding / QuantumLength) + 1) * QuantumLength;
                if (!TryDecodePiece(characters[..pieceLength]))
                {
                    return false;
                }

                characters = characters[pieceLength..];
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private bool TryDecodePiece(ReadOnlySpan<byte> piece)
    {
        Reserve(Base64.GetMaxDecodedFromUtf8Length(piece.Length));
        OperationStatus status = Base64.DecodeFromUtf8(piece, _bytes.AsSpan(_end), out int consumed, out int written);
        _end += written;

        // The decoder skips white space, which would move the quanta.
        return status == OperationStatus.Done && consumed == piece.Length
            && written == (piece.Length / QuantumLength * 3) - piece.Count(Padding);
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - _end >= more)
        {
            return;
        }

        byte[] target = _end - _start + more <= _bytes.Length / 2 ? _bytes : new byte[Math.Max(2 * _bytes.Length, _end - _start + more)];
        _bytes.AsSpan(_start, _end - _start).CopyTo(target);
        (_bytes, _examined, _end, _start) = (target, _examined - _start, _end - _start, 0);
    }
}
