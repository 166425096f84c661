using System.Buffers;
using Grpc.Net.Compression.Internal;

namespace Grpc.Core.Internal;

/// <summary>A message that lies in pieces, as a stream.</summary>
/// <param name="message">The message; it must stay for as long as the stream is read.</param>
internal sealed class SequenceStream(in ReadOnlySequence<byte> message) : ReadOnlyStream
{
    private ReadOnlySequence<byte> _rest = message;

    public override int Read(Span<byte> buffer)
    {
        int read = (int)Math.Min(buffer.Length, _rest.Length);
        _rest.Slice(0, read).CopyTo(buffer);
        _rest = _rest.Slice(read);
        return read;
    }
}
