using System.Diagnostics;
using Adam.Service.Storage.Files;

namespace Adam.Service.Storage.Log;

/// <summary>Entries that wait to be written, for the one thread that writes them.</summary>
/// <param name="options">How much may wait, and how long.</param>
internal sealed class LogQueue(StepLogOptions options)
{
    private readonly object _gate = new();
    private List<LogEntry> _waiting = [];
    private long _bytes;
    private int _urgent;
    private long _firstWaitingSince;
    private bool _isClosed;
    private StorageFailedException? _failure;

    /// <summary>Bytes of heads and payloads that were added and not settled.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Why nothing is taken any more; null as long as something is.</summary>
    public StorageFailedException? Failure
    {
        get
        {
            lock (_gate)
            {
                return _failure;
            }
        }
    }

    /// <summary>Adds an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="isUrgent">Whether somebody waits for it.</param>
    /// <exception cref="LogBusyException">Too much waits.</exception>
    /// <exception cref="StorageFailedException">The log has failed.</exception>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    public void Add(LogEntry entry, bool isUrgent)
    {
        entry.Prepare();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(StepLog));
            if (_failure is not null)
            {
                throw Refusal(_failure);
            }

            if (_bytes > 0 && entry.QueueBytes > options.QueueBytesMax - _bytes)
            {
                throw new LogBusyException(entry.QueueBytes, _bytes, options.QueueBytesMax);
            }

            if (_waiting.Count == 0)
            {
                _firstWaitingSince = Stopwatch.GetTimestamp();
            }

            _waiting.Add(entry);
            _bytes += entry.QueueBytes;
            _urgent += isUrgent ? 1 : 0;

            // Whoever comes later finds the thread awake already, or counting down.
            if (isUrgent ? _urgent == 1 : _waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Waits until there is something to write, and takes all of it.</summary>
    /// <param name="group">An empty list, which is exchanged for that of the entries.</param>
    /// <returns>False if there is nothing and never will be.</returns>
    public bool Take(ref List<LogEntry> group)
    {
        lock (_gate)
        {
            while (_urgent == 0 && !(_isClosed && _waiting.Count > 0))
            {
                if (_isClosed)
                {
                    return false;
                }

                if (_waiting.Count == 0)
                {
                    Monitor.Wait(_gate);
                    continue;
                }

                var rest = options.LazyDelay - Stopwatch.GetElapsedTime(_firstWaitingSince);
                if (rest <= TimeSpan.Zero)
                {
                    break;
                }

                // Rounded up, so that it is not asked again and again within the last millisecond.
                Monitor.Wait(_gate, rest + TimeSpan.FromMilliseconds(1));
            }

            (group, _waiting) = (_waiting, group);
            _urgent = 0;
            return true;
        }
    }

    /// <summary>Forgets bytes of entries that are completed.</summary>
    public void Settle(long bytes)
    {
        lock (_gate)
        {
            _bytes -= bytes;
        }
    }

    /// <summary>Takes nothing more because of an error.</summary>
    /// <returns>Whether it is the first.</returns>
    public bool Fail(StorageFailedException failure)
    {
        lock (_gate)
        {
            var isFirst = _failure is null;
            _failure ??= failure;
            return isFirst;
        }
    }

    /// <summary>Takes nothing more because it is the end.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>What those are told whose entries came to nothing by a failure.</summary>
    public static StorageFailedException Refusal(StorageFailedException failure) => new(
        $"The log has failed and takes nothing until the service is started again: {failure.Message}", failure.Errno, failure);
}
