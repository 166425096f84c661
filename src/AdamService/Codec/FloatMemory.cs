using System.Buffers;
using System.Runtime.InteropServices;

namespace Adam.Service.Codec;

/// <summary>Shows float32 elements as the bytes that go over the wire, without a copy.</summary>
/// <remarks>The wire is little-endian; so is every platform that this service is built for, which is checked at start.</remarks>
internal sealed class FloatMemory(Memory<float> elements) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(elements.Span);

    public override MemoryHandle Pin(int elementIndex = 0) =>
        throw new NotSupportedException("These bytes are copied into a response, never handed to native code.");

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
