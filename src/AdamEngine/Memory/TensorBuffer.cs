using Adam.Engine.Memory;

namespace Adam.Engine;

/// <summary>Native memory for the elements of one tensor, aligned to a cache line.</summary>
/// <remarks>
/// Freed by <see cref="Dispose"/>, and by the collector once nobody can reach the buffer: neither a view nor a span keeps it alive. Keep the
/// buffer itself reachable for as long as its memory is used.
/// </remarks>
public sealed unsafe class TensorBuffer : IDisposable
{
    private readonly NativeAllocation _memory;

    /// <summary>Allocates a buffer of any content.</summary>
    /// <param name="dtype">How an element is stored.</param>
    /// <param name="elementCount">How many; 0 or more. May exceed what an array can hold.</param>
    /// <param name="hugePages">
    /// Whether large memory is offered to the system for huge pages, which makes access faster. Without, memory that is needed once and soon given back is
    /// there sooner: a virtual machine may have to be given each huge page by its host.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative, or there is no such type.</exception>
    /// <exception cref="OutOfMemoryException">The system has no such amount of memory.</exception>
    public TensorBuffer(TensorDType dtype, long elementCount, bool hugePages = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementCount);
        _memory = new NativeAllocation(checked(elementCount * dtype.ElementBytes()), zeroed: false, hugePages);
        DType = dtype;
        ElementCount = elementCount;
    }

    /// <summary>How an element is stored.</summary>
    public TensorDType DType { get; }

    /// <summary>How many elements there are.</summary>
    public long ElementCount { get; }

    /// <summary>The elements.</summary>
    /// <exception cref="ObjectDisposedException">The memory was freed.</exception>
    public TensorView View
    {
        get
        {
            ObjectDisposedException.ThrowIf(_memory.IsClosed, this);
            return new TensorView(_memory.Address, DType, ElementCount);
        }
    }

    /// <summary>A buffer that holds a copy of float32 elements.</summary>
    /// <param name="elements">The elements.</param>
    public static TensorBuffer Of(ReadOnlySpan<float> elements)
    {
        var buffer = new TensorBuffer(TensorDType.Float32, elements.Length);
        elements.CopyTo(buffer.View.Span<float>());
        return buffer;
    }

    /// <summary>A buffer that holds a copy of float16 elements.</summary>
    /// <param name="elements">The elements.</param>
    public static TensorBuffer Of(ReadOnlySpan<Half> elements)
    {
        var buffer = new TensorBuffer(TensorDType.Float16, elements.Length);
        elements.CopyTo(buffer.View.Span<Half>());
        return buffer;
    }

    /// <summary>Frees the memory. Views of it must not be used any more.</summary>
    public void Dispose() => _memory.Dispose();
}
