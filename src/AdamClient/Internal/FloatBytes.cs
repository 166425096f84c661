using System.Buffers;
using System.Runtime.InteropServices;

namespace Adam.Client.Internal;

/// <summary>Shows float32 elements of the caller as the bytes that go over the wire, without a copy.</summary>
/// <remarks>The wire is little-endian; so is every platform that <see cref="AdamClient"/> accepts.</remarks>
internal sealed class FloatBytes(ReadOnlyMemory<float> elements) : MemoryManager<byte>
{
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
