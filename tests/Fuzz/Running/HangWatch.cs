using System.Diagnostics;

namespace Adam.Fuzz.Running;

/// <summary>Knows what one thread is at, so that another one can see that it does not come back.</summary>
internal sealed class HangWatch
{
    /// <summary>What is said of an input that never ends.</summary>
    public const string NeverEnds = "It does not end.";

    private readonly Lock _lock = new();
    private Finding? _current;
    private long _start;

    /// <summary>An input begins.</summary>
    public void Begin(string target, long index, byte[] input)
    {
        lock (_lock)
        {
            _current = new Finding(target, index, input, NeverEnds);
            _start = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>The input has ended.</summary>
    public void End()
    {
        lock (_lock)
        {
            _current = null;
        }
    }

    /// <summary>The input that has run for longer than a time, or null.</summary>
    public Finding? FindHung(TimeSpan longest)
    {
        lock (_lock)
        {
            return _current is not null && Stopwatch.GetElapsedTime(_start) > longest ? _current : null;
        }
    }
}
