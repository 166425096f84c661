using Adam.Engine;

namespace Adam.Service.Limits;

/// <summary>Memory for the elements of one tensor out of a <see cref="StagingMemory"/>, given back once.</summary>
internal sealed unsafe class StagingTensor(StagingMemory memory, TensorBuffer buffer, TensorDType dtype, long elementCount) : IDisposable
{
    private TensorBuffer? _buffer = buffer;

    /// <summary>The elements.</summary>
    /// <exception cref="ObjectDisposedException">They were given back.</exception>
    public TensorView View
    {
        get
        {
            ObjectDisposedException.ThrowIf(_buffer is null, this);
            return new TensorView(_buffer.View.Address, dtype, elementCount);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            memory.Return(buffer);
        }
    }
}
