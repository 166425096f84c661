using System.Buffers;
using System.Runtime.InteropServices;

namespace Adam.Client.Internal;

/// <summary>Shows elements of the caller as the bytes that go over the wire, without a copy.</summary>
/// <remarks>The wire is little-endian; so is every platform that <see cref="AdamClient"/> accepts.</remarks>
internal sealed class ElementBytes<T>(ReadOnlyMemory<T> elements) : MemoryManager<byte>
    where T : unmanaged
{
    // The base class asks for the span to learn the length; the elements are to be touched when they are sent, not before.
    public override unsafe Memory<byte> Memory => CreateMemory(checked(elements.Length * sizeof(T)));

    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(MemoryMarshal.AsMemory(elements).Span);

    public override MemoryHandle Pin(int elementIndex = 0) =>
        throw new NotSupportedException("These bytes are copied into a request, never handed to native code.");

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
