namespace Grpc.Net.Compression.Internal;

/// <summary>Compressed bytes, and what was seen of them so far.</summary>
internal sealed class CompressedSource(Stream source) : ReadOnlyStream
{
    private long _length;

    /// <summary>Whether somebody has asked for more than there is.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>How many bytes have come so far.</summary>
    public override long Length => _length;

    /// <summary>The last four bytes so far as a number, the first of them the lowest.</summary>
    public uint LastFour { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        int read = source.Read(buffer);
        IsAtEnd |= read == 0 && !buffer.IsEmpty;
        _length += read;
        foreach (byte value in buffer[..read][^Math.Min(read, sizeof(uint))..])
        {
            LastFour = (LastFour >> 8) | ((uint)value << 24);
        }

        return read;
    }
}
