using System.Buffers;

namespace Adam.Client.Internal;

/// <summary>Elements in memory that is shared with the service. After the mapping was disposed of they throw.</summary>
internal sealed unsafe class SharedElements<T>(SharedMapping mapping, long offset, int length) : MemoryManager<T>
    where T : unmanaged
{
    // The base class asks for the span to learn the length; only the length is needed.
    public override Memory<T> Memory => CreateMemory(length);

    public override Span<T> GetSpan() => new(mapping.Address + offset, length);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, length);
        return new MemoryHandle((T*)(mapping.Address + offset) + elementIndex, pinnable: this);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
