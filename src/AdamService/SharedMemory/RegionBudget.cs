using System.Globalization;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.V1;
using Microsoft.Extensions.Options;

namespace Adam.Service.SharedMemory;

/// <summary>Counts the bytes of all regions, against their own bound and within the memory budget.</summary>
internal sealed class RegionBudget(IOptions<SharedMemoryOptions> options)
{
    private long _bytes;

    /// <summary>Bytes of all regions now.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Reserves before a region is made.</summary>
    /// <param name="memory">The budget of the session that it is for.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="purpose">What for, as it reads in the message.</param>
    /// <returns>Disposed of, it gives the bytes back.</returns>
    /// <exception cref="ServiceException">RESOURCE_EXHAUSTED: it does not fit; nothing was reserved.</exception>
    public IDisposable Reserve(MemoryBudget memory, long bytes, string purpose)
    {
        var bytesMax = options.Value.BytesMax;
        var sum = Interlocked.Add(ref _bytes, bytes);
        try
        {
            if (bytesMax > 0 && sum > bytesMax)
            {
                throw TooMuch(purpose, bytes, sum, bytesMax);
            }

            memory.Reserve(bytes, purpose);
        }
        catch
        {
            Interlocked.Add(ref _bytes, -bytes);
            throw;
        }

        return new Reservation(this, memory, bytes);
    }

    private void Release(MemoryBudget memory, long bytes)
    {
        Interlocked.Add(ref _bytes, -bytes);
        memory.Release(bytes);
    }

    private static ServiceException TooMuch(string purpose, long bytes, long sum, long bytesMax)
    {
        const string Option = $"{SharedMemoryOptions.Section}:{nameof(SharedMemoryOptions.BytesMax)}";
        return new ServiceException(
            ErrorReason.LimitExceeded,
            $"{purpose} needs {bytes} bytes, and all shared memory together may be {bytesMax}, of which {sum - bytes} are taken. Close streams that no "
            + $"longer need it, or raise {Option} on the service.",
            ("limit", nameof(SharedMemoryOptions.BytesMax)),
            ("value", bytesMax.ToString(CultureInfo.InvariantCulture)),
            ("option", Option));
    }

    private sealed class Reservation(RegionBudget owner, MemoryBudget memory, long bytes) : IDisposable
    {
        private bool _isReleased;

        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _isReleased, true))
            {
                owner.Release(memory, bytes);
            }
        }
    }
}
