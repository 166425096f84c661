using Adam.Engine;

namespace Adam.Service.Limits;

/// <summary>
/// Native memory of one session for tensors that arrive and for replies. What is given back is kept for the next batch, whose tensors have the same sizes,
/// until it was not needed for a while, memory runs short elsewhere, or the session ends. Of each size there is never more than was in use at a
/// time. May be used by several threads.
/// </summary>
internal sealed class StagingMemory : IIdleMemory, IDisposable
{
    private readonly MemoryBudget _budget;
    private readonly TimeProvider _time;
    private readonly TimeSpan _idleMax;
    private readonly Lock _lock = new();

    // By size in bytes; in each list the one that was used last is last.
    private readonly Dictionary<long, List<(TensorBuffer Buffer, long Since)>> _idle = [];
    // Made with the session: a timer keeps hold of the flow in which it is made, and that of a stream holds its batch.
    private readonly ITimer _timer;
    private int _idleCount;
    private bool _ended;

    /// <summary>Makes a store without anything in it.</summary>
    /// <param name="budget">Where the memory is counted, in use or idle.</param>
    /// <param name="time">The clock.</param>
    /// <param name="idleMax">How long a buffer is kept that nobody needs; zero keeps none.</param>
    public StagingMemory(MemoryBudget budget, TimeProvider time, TimeSpan idleMax)
    {
        _budget = budget;
        _time = time;
        _idleMax = idleMax;
        _timer = time.CreateTimer(
            static memory => ((StagingMemory)memory!).FreeUnused(((StagingMemory)memory)._idleMax), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes memory for elements of any content.</summary>
    /// <param name="dtype">How an element is held.</param>
    /// <param name="elementCount">How many.</param>
    /// <param name="purpose">What for, as it reads in the message.</param>
    /// <exception cref="Errors.ServiceException">RESOURCE_EXHAUSTED: it does not fit; nothing was taken.</exception>
    public StagingTensor Rent(TensorDType dtype, long elementCount, string purpose)
    {
        var bytes = checked(elementCount * dtype.ElementBytes());
        return new StagingTensor(this, TakeIdle(bytes) ?? Allocate(bytes, purpose), dtype, elementCount);
    }

    /// <summary>Takes back what <see cref="Rent"/> gave.</summary>
    public void Return(TensorBuffer buffer)
    {
        var bytes = buffer.View.ByteCount;
        lock (_lock)
        {
            if (!_ended && _idleMax > TimeSpan.Zero)
            {
                if (!_idle.TryGetValue(bytes, out var list))
                {
                    _idle.Add(bytes, list = []);
                }

                list.Add((buffer, _time.GetTimestamp()));
                _budget.MarkIdle(bytes);
                if (_idleCount++ == 0)
                {
                    Watch();
                }

                return;
            }
        }

        Free(buffer);
    }

    /// <inheritdoc/>
    public void FreeIdle() => FreeUnused(TimeSpan.Zero);

    /// <summary>Ends the keeping: idle memory is freed now, and what is in use when it comes back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
        }

        FreeIdle();
    }

    private TensorBuffer? TakeIdle(long bytes)
    {
        lock (_lock)
        {
            if (!_idle.TryGetValue(bytes, out var list) || list.Count == 0)
            {
                return null;
            }

            var (buffer, _) = list[^1];
            list.RemoveAt(list.Count - 1);
            _budget.MarkUsed(bytes);
            if (--_idleCount == 0)
            {
                Rest();
            }

            return buffer;
        }
    }

    private TensorBuffer Allocate(long bytes, string purpose)
    {
        _budget.Reserve(bytes, purpose);
        try
        {
            // Bytes, whatever they are used for: elements have two or four of them.
            return new TensorBuffer(TensorDType.Float16, bytes / TensorDType.Float16.ElementBytes());
        }
        catch (OutOfMemoryException)
        {
            _budget.Release(bytes);
            throw LimitExceeded.OfSystem(purpose, bytes);
        }
    }

    private void FreeUnused(TimeSpan idleMin)
    {
        List<TensorBuffer> freed = [];
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            foreach (var list in _idle.Values)
            {
                var old = list.FindIndex(entry => _time.GetElapsedTime(entry.Since, now) < idleMin);
                old = old < 0 ? list.Count : old;
                foreach (var (buffer, _) in list.Take(old))
                {
                    _budget.MarkUsed(buffer.View.ByteCount);
                    freed.Add(buffer);
                }

                list.RemoveRange(0, old);
            }

            _idleCount -= freed.Count;
            if (_idleCount == 0)
            {
                // Sizes that are never used again would stay for ever.
                _idle.Clear();
                Rest();
            }
        }

        freed.ForEach(Free);
    }

    private void Free(TensorBuffer buffer)
    {
        var bytes = buffer.View.ByteCount;
        buffer.Dispose();
        _budget.Release(bytes);
    }

    private void Watch()
    {
        _budget.AddKeeper(this);
        _timer.Change(_idleMax, _idleMax);
    }

    private void Rest()
    {
        _budget.RemoveKeeper(this);
        if (_ended)
        {
            _timer.Dispose();
        }
        else
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
