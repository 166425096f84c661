using System.Collections.Concurrent;
using Adam.Service.Configuration;
using Adam.V1;
using Adam.Service.Errors;
using Microsoft.Extensions.Options;

namespace Adam.Service.Limits;

/// <summary>
/// Counts the bytes of parameters, slots, staged gradients and replies before they are allocated, and those that are kept for later. What is
/// kept is taken back before anybody is refused.
/// </summary>
internal sealed class MemoryBudget
{
    private readonly long _bytesMax;
    private readonly ConcurrentDictionary<IIdleMemory, bool> _keepers = new(ReferenceEqualityComparer.Instance);

    // All bytes, those that lie idle included.
    private long _bytes;
    private long _idleBytes;

    public MemoryBudget(IOptions<LimitsOptions> limits)
    {
        var configured = limits.Value.MemoryBytes;
        _bytesMax = configured > 0 ? configured : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 10 * 6;
    }

    /// <summary>Bytes that are in use now.</summary>
    public long ReservedBytes => Volatile.Read(ref _bytes) - Volatile.Read(ref _idleBytes);

    /// <summary>Bytes that are kept for later and that nobody uses now.</summary>
    public long IdleBytes => Volatile.Read(ref _idleBytes);

    /// <summary>Reserves before an allocation. Whoever reserves gives back with <see cref="Release"/>.</summary>
    /// <param name="bytes">How much; not negative.</param>
    /// <param name="purpose">What for, as it reads in the message: "the state of session 's'".</param>
    /// <exception cref="ServiceException">RESOURCE_EXHAUSTED: it does not fit; nothing was reserved.</exception>
    public void Reserve(long bytes, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (TryReserve(bytes, out _))
        {
            return;
        }

        foreach (var keeper in _keepers.Keys)
        {
            keeper.FreeIdle();
        }

        if (!TryReserve(bytes, out var free))
        {
            throw Refusal(
                $"{purpose} needs {bytes} bytes; {free} of {_bytesMax} are free. Delete sessions that are no longer "
                + $"used, or raise {LimitsOptions.Section}:{nameof(LimitsOptions.MemoryBytes)}.");
        }
    }

    /// <summary>Gives back what was reserved.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    /// <summary>Notes that reserved bytes are kept for later. They stay reserved.</summary>
    public void MarkIdle(long bytes) => Interlocked.Add(ref _idleBytes, bytes);

    /// <summary>Notes that bytes which were kept are in use again, or about to be released.</summary>
    public void MarkUsed(long bytes) => Interlocked.Add(ref _idleBytes, -bytes);

    /// <summary>Adds somebody who has idle memory.</summary>
    public void AddKeeper(IIdleMemory keeper) => _keepers[keeper] = true;

    /// <summary>Takes somebody out who has none any more.</summary>
    public void RemoveKeeper(IIdleMemory keeper) => _keepers.TryRemove(keeper, out _);

    /// <summary>The refusal of what no machine can hold.</summary>
    /// <param name="purpose">What for, as it reads in the message.</param>
    public ServiceException TooLargeToCount(string purpose) => Refusal($"{purpose} needs more than {long.MaxValue} bytes.");

    private bool TryReserve(long bytes, out long free)
    {
        var before = Volatile.Read(ref _bytes);
        while (true)
        {
            free = _bytesMax - before;
            if (bytes > free)
            {
                return false;
            }

            var seen = Interlocked.CompareExchange(ref _bytes, before + bytes, before);
            if (seen == before)
            {
                return true;
            }

            before = seen;
        }
    }

    private ServiceException Refusal(string message) => new(
        ErrorReason.LimitExceeded,
        message,
        ("limit", nameof(LimitsOptions.MemoryBytes)),
        ("value", _bytesMax.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("option", $"{LimitsOptions.Section}:{nameof(LimitsOptions.MemoryBytes)}"));
}
