using System.Runtime.InteropServices;

namespace Adam.Client.Internal;

/// <summary>Elements of one type.</summary>
internal sealed class Elements<T> : Elements
    where T : unmanaged
{
    private readonly ReadOnlyMemory<T> _elements;

    // All bytes at once where that many can be addressed, so that pieces cost nothing.
    private readonly ReadOnlyMemory<byte>? _bytes;

    public unsafe Elements(ReadOnlyMemory<T> elements)
    {
        _elements = elements;
        if ((long)elements.Length * sizeof(T) <= int.MaxValue)
        {
            _bytes = new ElementBytes<T>(elements).Memory;
        }
    }

    public override int Length => _elements.Length;

    public override unsafe ReadOnlyMemory<byte> Bytes(int offset, int count) => _bytes is { } bytes
        ? bytes.Slice(offset * sizeof(T), count * sizeof(T))
        : new ElementBytes<T>(_elements.Slice(offset, count)).Memory;

    public override Span<byte> Room(int offset, int count) =>
        MemoryMarshal.AsBytes(MemoryMarshal.AsMemory(_elements).Span.Slice(offset, count));
}
