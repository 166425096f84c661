namespace Adam.Service.Connections;

/// <summary>
/// Finds the headers of frames in a stream of bytes that comes in pieces of any size. Payloads are skipped, not looked at and not copied.
/// </summary>
/// <param name="skip">Bytes before the first frame.</param>
internal sealed class Http2FrameScanner(int skip)
{
    private readonly byte[] _header = new byte[Http2FrameHeader.Size];
    private int _headerBytes;

    /// <summary>What is still to come of the payload of the last frame, in bytes.</summary>
    public int PayloadLeft { get; private set; } = skip;

    /// <summary>Goes on to the end of the next header.</summary>
    /// <param name="bytes">The next piece; what comes after the header is left in it.</param>
    /// <param name="frame">The header.</param>
    /// <returns>False when the piece has ended before, and is empty.</returns>
    public bool TryReadHeader(ref ReadOnlySpan<byte> bytes, out Http2FrameHeader frame)
    {
        var skipped = Math.Min(PayloadLeft, bytes.Length);
        PayloadLeft -= skipped;
        bytes = bytes[skipped..];
        if (_headerBytes == 0 && bytes.Length >= Http2FrameHeader.Size)
        {
            frame = Http2FrameHeader.Parse(bytes);
            bytes = bytes[Http2FrameHeader.Size..];
        }
        else
        {
            var taken = Math.Min(Http2FrameHeader.Size - _headerBytes, bytes.Length);
            bytes[..taken].CopyTo(_header.AsSpan(_headerBytes));
            bytes = bytes[taken..];
            _headerBytes += taken;
            if (_headerBytes < Http2FrameHeader.Size)
            {
                frame = default;
                return false;
            }

            _headerBytes = 0;
            frame = Http2FrameHeader.Parse(_header);
        }

        PayloadLeft = frame.Length;
        return true;
    }
}
