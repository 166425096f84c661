using Adam.Engine;
using Adam.Service.Limits;
using Adam.Service.Storage.Files;

namespace Adam.Service.Recovery;

/// <summary>Memory for the payload of one record at a time, which grows with the longest.</summary>
/// <param name="budget">
/// Where it is counted. Null: nowhere, as at the start, when a session that fits is not to be missed for want of memory that it needs for a moment.
/// </param>
/// <param name="purpose">What it is for, as it reads in a refusal.</param>
internal sealed unsafe class RecordBuffer(MemoryBudget? budget = null, string purpose = "") : IDisposable
{
    private TensorBuffer? _memory;
    private long _counted;

    /// <summary>Room for a payload. What was given before is gone.</summary>
    /// <exception cref="Errors.ServiceException">LIMIT_EXCEEDED: there is no memory for it.</exception>
    public NativePiece Room(long bytes)
    {
        var elements = (bytes + sizeof(float) - 1) / sizeof(float);
        if (_memory is null || _memory.ElementCount < elements)
        {
            Dispose();
            Count(elements * sizeof(float));
            try
            {
                _memory = new TensorBuffer(TensorDType.Float32, elements);
            }
            catch (OutOfMemoryException) when (budget is not null)
            {
                throw LimitExceeded.OfSystem(purpose, elements * sizeof(float));
            }
        }

        return new NativePiece((nint)_memory.View.Address, bytes);
    }

    public void Dispose()
    {
        _memory?.Dispose();
        _memory = null;
        budget?.Release(_counted);
        _counted = 0;
    }

    private void Count(long bytes)
    {
        if (budget is not null)
        {
            budget.Reserve(bytes, purpose);
            _counted = bytes;
        }
    }
}
