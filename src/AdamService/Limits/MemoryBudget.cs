using System.Collections.Concurrent;
using System.Globalization;
using Adam.Service.Configuration;
using Adam.V1;
using Adam.Service.Errors;
using Microsoft.Extensions.Options;

namespace Adam.Service.Limits;

/// <summary>
/// Counts the bytes of parameters, slots, staged gradients and replies before they are allocated, and those that are kept for later. What is
/// kept is taken back before anybody is refused. Parts of a budget have bounds of their own and count in the whole, too.
/// </summary>
internal sealed class MemoryBudget
{
    private readonly MemoryBudget? _whole;
    private readonly string _owner;
    private readonly string _option;
    private readonly long _bytesMax;
    private readonly ConcurrentDictionary<IIdleMemory, bool> _keepers = new(ReferenceEqualityComparer.Instance);

    // All bytes, those that lie idle included.
    private long _bytes;
    private long _idleBytes;

    public MemoryBudget(IOptions<LimitsOptions> limits)
        : this(
            null,
            "",
            nameof(LimitsOptions.MemoryBytes),
            limits.Value.MemoryBytes > 0 ? limits.Value.MemoryBytes : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 10 * 6)
    {
    }

    private MemoryBudget(MemoryBudget? whole, string owner, string option, long bytesMax) =>
        (_whole, _owner, _option, _bytesMax) = (whole, owner, option, bytesMax);

    /// <summary>Bytes that are in use now.</summary>
    public long ReservedBytes => Volatile.Read(ref _bytes) - Volatile.Read(ref _idleBytes);

    /// <summary>Bytes that are kept for later and that nobody uses now.</summary>
    public long IdleBytes => Volatile.Read(ref _idleBytes);

    /// <summary>Bytes that could be reserved now, here and in the whole.</summary>
    public long FreeBytes => Math.Max(0, Math.Min(_bytesMax - ReservedBytes, _whole?.FreeBytes ?? long.MaxValue));

    /// <summary>A part of this budget that belongs to somebody.</summary>
    /// <param name="owner">Whose it is, as it reads in messages: "session 's'".</param>
    /// <param name="option">The property of <see cref="LimitsOptions"/> that bounds it.</param>
    /// <param name="bytesMax">Its bound; 0 for none of its own, which makes it this very budget.</param>
    public MemoryBudget Part(string owner, string option, long bytesMax) => bytesMax > 0 ? new MemoryBudget(this, owner, option, bytesMax) : this;

    /// <summary>Reserves before an allocation. Whoever reserves gives back with <see cref="Release"/>.</summary>
    /// <param name="bytes">How much; not negative.</param>
    /// <param name="purpose">What for, as it reads in the message: "the state of session 's'".</param>
    /// <exception cref="ServiceException">RESOURCE_EXHAUSTED: it does not fit; nothing was reserved.</exception>
    public void Reserve(long bytes, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (!TryReserveHere(bytes, out _))
        {
            foreach (var keeper in _keepers.Keys)
            {
                keeper.FreeIdle();
            }

            if (!TryReserveHere(bytes, out var free))
            {
                throw Refusal(purpose, bytes, free);
            }
        }

        try
        {
            _whole?.Reserve(bytes, purpose);
        }
        catch
        {
            Interlocked.Add(ref _bytes, -bytes);
            throw;
        }
    }

    /// <summary>Reserves what is free without taking anything back from anybody.</summary>
    /// <returns>False if it does not fit; nothing was reserved.</returns>
    public bool TryReserve(long bytes)
    {
        if (!TryReserveHere(bytes, out _))
        {
            return false;
        }

        if (_whole?.TryReserve(bytes) == false)
        {
            Interlocked.Add(ref _bytes, -bytes);
            return false;
        }

        return true;
    }

    /// <summary>Why <see cref="Reserve"/> would refuse now; null if it would not. Reserves nothing.</summary>
    public ServiceException? RefusalOf(long bytes, string purpose) =>
        _bytesMax - ReservedBytes is var free && bytes > free ? Refusal(purpose, bytes, free) : _whole?.RefusalOf(bytes, purpose);

    /// <summary>Gives back what was reserved.</summary>
    public void Release(long bytes)
    {
        Interlocked.Add(ref _bytes, -bytes);
        _whole?.Release(bytes);
    }

    /// <summary>Notes that reserved bytes are kept for later. They stay reserved.</summary>
    public void MarkIdle(long bytes)
    {
        Interlocked.Add(ref _idleBytes, bytes);
        _whole?.MarkIdle(bytes);
    }

    /// <summary>Notes that bytes which were kept are in use again, or about to be released.</summary>
    public void MarkUsed(long bytes)
    {
        Interlocked.Add(ref _idleBytes, -bytes);
        _whole?.MarkUsed(bytes);
    }

    /// <summary>Adds somebody who has idle memory.</summary>
    public void AddKeeper(IIdleMemory keeper)
    {
        _keepers[keeper] = true;
        _whole?.AddKeeper(keeper);
    }

    /// <summary>Takes somebody out who has none any more.</summary>
    public void RemoveKeeper(IIdleMemory keeper)
    {
        _keepers.TryRemove(keeper, out _);
        _whole?.RemoveKeeper(keeper);
    }

    /// <summary>The refusal of what no machine can hold.</summary>
    /// <param name="purpose">What for, as it reads in the message.</param>
    public ServiceException TooLargeToCount(string purpose) => Refusal(
        $"{purpose} needs more than {long.MaxValue} bytes, and the limit is {_bytesMax}. No setting allows that: cut the model into several sessions.",
        "more than " + Text(long.MaxValue),
        Math.Max(0, _bytesMax - ReservedBytes));

    private bool TryReserveHere(long bytes, out long free)
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

    private ServiceException Refusal(string purpose, long bytes, long free)
    {
        var whose = _owner.Length == 0 ? $"{free} of {_bytesMax} are free" : $"{free} of the {_bytesMax} that {_owner} may have are free";
        var instead = _owner.Length == 0 ? "Delete sessions that are no longer used, or raise" : "Use less, or raise";
        return Refusal(
            $"{purpose} needs {bytes} bytes; {whose}, {(UInt128)bytes - (UInt128)Math.Max(0, free)} too few. {instead} "
            + $"{LimitsOptions.Section}:{_option} on the service.",
            Text(bytes),
            free);
    }

    private ServiceException Refusal(string message, string needed, long free) => new(
        ErrorReason.LimitExceeded,
        message,
        ("limit", _option),
        ("value", Text(_bytesMax)),
        ("option", $"{LimitsOptions.Section}:{_option}"),
        ("needed", needed),
        ("free", Text(free)));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
