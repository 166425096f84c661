using Adam.Engine;

namespace Adam.Service.Limits;

/// <summary>Native memory for the elements of a tensor: counted by the budget while it is held, and given back once.</summary>
internal sealed class CountedTensor : IDisposable
{
    private readonly MemoryBudget _budget;
    private TensorBuffer? _buffer;

    private CountedTensor(MemoryBudget budget, TensorBuffer buffer)
    {
        _budget = budget;
        _buffer = buffer;
    }

    /// <summary>The elements.</summary>
    /// <exception cref="ObjectDisposedException">They were given back.</exception>
    public TensorView View
    {
        get
        {
            ObjectDisposedException.ThrowIf(_buffer is null, this);
            return _buffer.View;
        }
    }

    /// <summary>Takes memory for elements of any content.</summary>
    /// <param name="budget">Where it is counted.</param>
    /// <param name="dtype">How an element is stored.</param>
    /// <param name="elementCount">How many.</param>
    /// <param name="purpose">What for, as it reads in the message.</param>
    /// <exception cref="Errors.ServiceException">RESOURCE_EXHAUSTED: it does not fit; nothing was taken.</exception>
    public static CountedTensor Rent(MemoryBudget budget, TensorDType dtype, long elementCount, string purpose)
    {
        var bytes = checked(elementCount * dtype.ElementBytes());
        budget.Reserve(bytes, purpose);
        try
        {
            return new CountedTensor(budget, new TensorBuffer(dtype, elementCount));
        }
        catch
        {
            budget.Release(bytes);
            throw;
        }
    }

    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            var bytes = buffer.View.ByteCount;
            buffer.Dispose();
            _budget.Release(bytes);
        }
    }
}
