namespace Adam.Service.Connections;

/// <summary>Follows the frames that the service sends.</summary>
/// <remarks>
/// Kestrel ends a connection whose input fails with GOAWAY(NO_ERROR): the exceptions that carry a code are its own. The code is therefore
/// put in as the frame passes.
/// </remarks>
internal sealed class OutgoingFrames(GuardedConnection connection)
{
    private const int GoAwayCodeOffset = 4;

    // ENHANCE_YOUR_CALM, as it stands in the frame.
    private static ReadOnlySpan<byte> EnhanceYourCalm => [0, 0, 0, 11];

    private readonly Http2FrameScanner _scanner = new(skip: 0);
    private Http2FrameHeader _frame;
    private uint _code;

    /// <summary>Looks at the next bytes, in the order in which they are sent.</summary>
    public void Observe(Span<byte> bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        while (true)
        {
            if (_frame.Type == Http2FrameType.RstStream && _scanner.PayloadLeft > 0)
            {
                ReadCode(rest);
            }
            else if (_frame.Type == Http2FrameType.GoAway && _scanner.PayloadLeft > 0 && connection.IsBroken)
            {
                SayWhy(bytes[^rest.Length..]);
            }

            if (!_scanner.TryReadHeader(ref rest, out var frame))
            {
                return;
            }

            _frame = frame;
            connection.OnSending(frame);
        }
    }

    // The code is the whole payload.
    private void ReadCode(ReadOnlySpan<byte> payload)
    {
        var left = _scanner.PayloadLeft;
        foreach (var digit in payload[..Math.Min(left, payload.Length)])
        {
            _code = (_code << 8) | digit;
            left--;
        }

        if (left == 0)
        {
            connection.OnReset(_code);
        }
    }

    private void SayWhy(Span<byte> payload)
    {
        var offset = _frame.Length - _scanner.PayloadLeft;
        for (var index = 0; index < payload.Length; index++)
        {
            if (offset + index - GoAwayCodeOffset is >= 0 and < 4 and var digit)
            {
                payload[index] = EnhanceYourCalm[digit];
            }
        }
    }
}
