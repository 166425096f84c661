namespace Grpc.Net.Compression.Internal;

/// <summary>
/// An inflated message that is either whole or an error. The streams of the base class library end a message that was cut off as if it were
/// complete, and a beginning of a message can be a message.
/// </summary>
/// <param name="inflating">The bytes of the message.</param>
/// <param name="isWhole">Whether the end that was reached, after so many bytes, is the end of the message.</param>
internal sealed class WholeMessageStream(Stream inflating, Func<long, bool> isWhole) : ReadOnlyStream
{
    private long _length;

    public override int Read(Span<byte> buffer)
    {
        int read = inflating.Read(buffer);
        _length += read;
        return read > 0 || buffer.IsEmpty || isWhole(_length)
            ? read
            : throw new InvalidDataException("The compressed message is cut off.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inflating.Dispose();
        }

        base.Dispose(disposing);
    }
}
