using Adam.Service.Configuration;
using System.Collections.Concurrent;
using Adam.V1;
using Adam.Service.Errors;
using Microsoft.Extensions.Options;

namespace Adam.Service.Limits;

/// <summary>Counts the bytes of parameters, slots, staged gradients and replies before they are allocated.</summary>
internal sealed class MemoryBudget
{
    private readonly ConcurrentDictionary<ISpareMemory, bool> _spares = new();
    private readonly long _bytesMax;
    private long _bytes;

    public MemoryBudget(IOptions<LimitsOptions> limits)
    {
        var configured = limits.Value.MemoryBytes;
        _bytesMax = configured > 0 ? configured : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 10 * 6;
    }

    /// <summary>Bytes that are reserved now.</summary>
    public long ReservedBytes => Volatile.Read(ref _bytes);

    /// <summary>Notes that there is memory which is counted and kept for later: it is given up before anything is refused.</summary>
    public void Add(ISpareMemory spare) => _spares[spare] = true;

    /// <summary>Forgets it.</summary>
    public void Remove(ISpareMemory spare) => _spares.TryRemove(spare, out _);

    /// <summary>Reserves before an allocation. Whoever reserves gives back with <see cref="Release"/>.</summary>
    /// <param name="bytes">How much; not negative.</param>
    /// <param name="purpose">What for, as it reads in the message: "the state of session 's'".</param>
    /// <exception cref="ServiceException">RESOURCE_EXHAUSTED: it does not fit; nothing was reserved.</exception>
    public void Reserve(long bytes, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);

        var before = Volatile.Read(ref _bytes);
        var mayGiveUp = true;
        while (true)
        {
            if (bytes > _bytesMax - before && mayGiveUp)
            {
                mayGiveUp = false;
                GiveUpSpares();
                before = Volatile.Read(ref _bytes);
                continue;
            }

            if (bytes > _bytesMax - before)
            {
                throw Refusal(
                    $"{purpose} needs {bytes} bytes; {_bytesMax - before} of {_bytesMax} are free. Delete sessions that are no longer "
                    + $"used, or raise {LimitsOptions.Section}:{nameof(LimitsOptions.MemoryBytes)}.");
            }

            var seen = Interlocked.CompareExchange(ref _bytes, before + bytes, before);
            if (seen == before)
            {
                return;
            }

            before = seen;
        }
    }

    /// <summary>Gives back what was reserved.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    /// <summary>The refusal of what no machine can hold.</summary>
    /// <param name="purpose">What for, as it reads in the message.</param>
    public ServiceException TooLargeToCount(string purpose) => Refusal($"{purpose} needs more than {long.MaxValue} bytes.");

    private void GiveUpSpares()
    {
        foreach (var (spare, _) in _spares)
        {
            spare.GiveUp();
        }
    }

    private ServiceException Refusal(string message) => new(
        ErrorReason.LimitExceeded,
        message,
        ("limit", nameof(LimitsOptions.MemoryBytes)),
        ("value", _bytesMax.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("option", $"{LimitsOptions.Section}:{nameof(LimitsOptions.MemoryBytes)}"));
}
