namespace Grpc.Net.Compression.Internal;

/// <summary>Compressed bytes, and what was seen of them so far.</summary>
internal sealed class CompressedSource(Stream source) : ReadOnlyStream
{
    /// <summary>Whether somebody has asked for more than there is.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Whether nothing has come so far.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>The last four bytes so far as a number, the first of them the lowest.</summary>
    public uint LastFour { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        int read = source.Read(buffer);
        IsAtEnd |= read == 0 && !buffer.IsEmpty;
        IsEmpty &= read == 0;
        foreach (byte value in buffer[..read][^Math.Min(read, sizeof(uint))..])
        {
            LastFour = (LastFour >> 8) | ((uint)value << 24);
        }

        return read;
    }
}
