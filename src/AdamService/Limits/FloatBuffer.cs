using System.Buffers;

namespace Adam.Service.Limits;

/// <summary>Memory for elements: counted by the budget while it is held, and given back once.</summary>
internal sealed class FloatBuffer : IDisposable
{
    // The pool rounds lengths up to powers of two and keeps what it gets back, which the budget would not see: large arrays
    // are made to measure and left to the collector.
    private const int PooledElementsMax = 1 << 18;

    private readonly MemoryBudget _budget;
    private readonly int _length;
    private float[]? _array;

    private FloatBuffer(MemoryBudget budget, float[] array, int length)
    {
        _budget = budget;
        _array = array;
        _length = length;
    }

    /// <summary>The elements.</summary>
    public Memory<float> Elements
    {
        get
        {
            ObjectDisposedException.ThrowIf(_array is null, this);
            return _array.AsMemory(0, _length);
        }
    }

    /// <summary>Takes memory for <paramref name="elementCount"/> elements of any content.</summary>
    /// <param name="budget">Where it is counted.</param>
    /// <param name="elementCount">How many; at most what an array holds.</param>
    /// <param name="purpose">What for, as it reads in the message.</param>
    /// <exception cref="Errors.ServiceException">RESOURCE_EXHAUSTED: it does not fit; nothing was taken.</exception>
    public static FloatBuffer Rent(MemoryBudget budget, long elementCount, string purpose)
    {
        var length = checked((int)elementCount);
        var bytes = elementCount * sizeof(float);
        budget.Reserve(bytes, purpose);
        try
        {
            var array = length <= PooledElementsMax ? ArrayPool<float>.Shared.Rent(length) : GC.AllocateUninitializedArray<float>(length);
            return new FloatBuffer(budget, array, length);
        }
        catch
        {
            budget.Release(bytes);
            throw;
        }
    }

    public void Dispose()
    {
        if (_array is { } array)
        {
            _array = null;
            if (_length <= PooledElementsMax)
            {
                ArrayPool<float>.Shared.Return(array);
            }

            _budget.Release((long)_length * sizeof(float));
        }
    }
}
