using Adam.Engine;

namespace Adam.Service.Limits;

/// <summary>
/// Memory for tensors that is used again and again: mapping and touching it anew for every batch would cost more than filling it. What lies
/// idle stays counted, up to a bound, and is given up when the budget is short.
/// </summary>
internal sealed class SpareTensors : ISpareMemory, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(TensorDType DType, long ElementCount), Stack<CountedTensor>> _idle = [];
    private readonly MemoryBudget _budget;
    private readonly long _idleBytesMax;
    private long _idleBytes;
    private bool _isDisposed;

    /// <param name="budget">Where the memory is counted.</param>
    /// <param name="idleBytesMax">How much is kept while nobody uses it.</param>
    public SpareTensors(MemoryBudget budget, long idleBytesMax)
    {
        _budget = budget;
        _idleBytesMax = idleBytesMax;
        budget.Add(this);
    }

    /// <summary>Bytes that are kept and that nobody uses.</summary>
    public long IdleBytes
    {
        get
        {
            lock (_gate)
            {
                return _idleBytes;
            }
        }
    }

    /// <summary>Takes memory for elements of any content. Give it back with <see cref="Return"/>.</summary>
    /// <param name="dtype">How an element is stored.</param>
    /// <param name="elementCount">How many.</param>
    /// <param name="purpose">What for, as it reads in the message.</param>
    /// <exception cref="Errors.ServiceException">RESOURCE_EXHAUSTED: it does not fit; nothing was taken.</exception>
    public CountedTensor Rent(TensorDType dtype, long elementCount, string purpose)
    {
        lock (_gate)
        {
            if (_idle.TryGetValue((dtype, elementCount), out var same) && same.TryPop(out var tensor))
            {
                _idleBytes -= tensor.View.ByteCount;
                return tensor;
            }
        }

        return CountedTensor.Rent(_budget, dtype, elementCount, purpose);
    }

    /// <summary>Gives memory back. Nobody may look at it any more.</summary>
    public void Return(CountedTensor tensor)
    {
        var view = tensor.View;
        lock (_gate)
        {
            if (!_isDisposed && view.ByteCount <= _idleBytesMax - _idleBytes)
            {
                var key = (view.DType, view.ElementCount);
                if (!_idle.TryGetValue(key, out var same))
                {
                    _idle.Add(key, same = new Stack<CountedTensor>());
                }

                same.Push(tensor);
                _idleBytes += view.ByteCount;
                return;
            }
        }

        tensor.Dispose();
    }

    public void GiveUp()
    {
        lock (_gate)
        {
            foreach (var same in _idle.Values)
            {
                foreach (var tensor in same)
                {
                    tensor.Dispose();
                }
            }

            _idle.Clear();
            _idleBytes = 0;
        }
    }

    /// <summary>Frees what is idle, and from now on what comes back.</summary>
    public void Dispose()
    {
        _budget.Remove(this);
        lock (_gate)
        {
            _isDisposed = true;
        }

        GiveUp();
    }
}
