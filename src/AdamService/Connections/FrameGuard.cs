using System.Buffers;
using System.Globalization;
using Adam.Service.Configuration;

namespace Adam.Service.Connections;

/// <summary>Holds the frames that a client sends against the limits of its connection.</summary>
/// <param name="limits">The limits.</param>
/// <param name="time">The clock.</param>
internal sealed class FrameGuard(Http2Options limits, TimeProvider time)
{
    // "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    private const int PrefaceBytes = 24;

    private readonly Http2FrameScanner _scanner = new(PrefaceBytes);
    private readonly SentDataCredit _pings = new(perFrame: 1);
    private readonly SentDataCredit _windowUpdates = new(perFrame: 2);
    private readonly FrameRate _settingsAndPings = new(limits.SettingsAndPingsPerSecondMax, time);
    private readonly FrameRate _prioritiesAndWindowUpdates = new(limits.PrioritiesAndWindowUpdatesPerSecondMax, time);
    private readonly FrameRate _resets = new(limits.ResetsPerSecondMax, time);
    private readonly FrameRate _refusals = new(limits.ResetsPerSecondMax, time);
    private int _idleFrames;
    private int _continuations;

    /// <summary>Whether the first frame has come.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Counts a DATA frame that the service has sent.</summary>
    public void OnDataSent()
    {
        _pings.Give();
        _windowUpdates.Give();
    }

    /// <summary>Counts a stream that the service has reset because of what the client did.</summary>
    /// <remarks>May run at the same time as <see cref="Observe(in ReadOnlySequence{byte})"/>.</remarks>
    /// <returns>Null, or the limit that it breaks.</returns>
    public string? OnRefused() => _refusals.TryAdd() ? null : Broken(nameof(limits.ResetsPerSecondMax), limits.ResetsPerSecondMax);

    /// <summary>Looks at the next bytes of the connection, the preface included.</summary>
    /// <returns>Null, or the limit that they break: the option's name and its value.</returns>
    public string? Observe(in ReadOnlySequence<byte> bytes)
    {
        foreach (var piece in bytes)
        {
            if (Observe(piece.Span) is { } broken)
            {
                return broken;
            }
        }

        return null;
    }

    /// <summary>Looks at the next bytes of the connection, which lie in one piece.</summary>
    /// <returns>Null, or the limit that they break: the option's name and its value.</returns>
    public string? Observe(ReadOnlySpan<byte> bytes)
    {
        while (_scanner.TryReadHeader(ref bytes, out var frame))
        {
            HasStarted = true;
            if (Judge(frame) is { } broken)
            {
                return broken;
            }
        }

        return null;
    }

    private string? Judge(in Http2FrameHeader frame)
    {
        switch (frame.Type)
        {
            case Http2FrameType.Data:
                return CountIdle(frame);
            case Http2FrameType.Headers:
                _continuations = 0;
                return CountIdle(frame);
            case Http2FrameType.Continuation:
                return ++_continuations > limits.ContinuationsPerBlockMax && limits.ContinuationsPerBlockMax > 0
                    ? Broken(nameof(limits.ContinuationsPerBlockMax), limits.ContinuationsPerBlockMax)
                    : CountIdle(frame);
            case Http2FrameType.Settings:
            case Http2FrameType.Ping when !_pings.TryTake():
                return _settingsAndPings.TryAdd()
                    ? null
                    : Broken(nameof(limits.SettingsAndPingsPerSecondMax), limits.SettingsAndPingsPerSecondMax);
            case Http2FrameType.RstStream:
                return _resets.TryAdd() ? null : Broken(nameof(limits.ResetsPerSecondMax), limits.ResetsPerSecondMax);
            case Http2FrameType.Ping:
            case Http2FrameType.WindowUpdate when _windowUpdates.TryTake():
                return null;
            default:
                // Unknown frames are to be ignored, and cost as little as these.
                return _prioritiesAndWindowUpdates.TryAdd()
                    ? null
                    : Broken(nameof(limits.PrioritiesAndWindowUpdatesPerSecondMax), limits.PrioritiesAndWindowUpdatesPerSecondMax);
        }
    }

    private string? CountIdle(in Http2FrameHeader frame)
    {
        _idleFrames = frame.IsIdle ? _idleFrames + 1 : 0;
        return _idleFrames > limits.EmptyFramesInARowMax && limits.EmptyFramesInARowMax > 0
            ? Broken(nameof(limits.EmptyFramesInARowMax), limits.EmptyFramesInARowMax)
            : null;
    }

    private static string Broken(string option, int value) =>
        string.Create(CultureInfo.InvariantCulture, $"{Http2Options.Section}:{option}={value}");
}
