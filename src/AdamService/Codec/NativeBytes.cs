using System.Buffers;

namespace Adam.Service.Codec;

/// <summary>Shows native memory as the bytes of a message, without a copy. Whoever owns it keeps it until the message has been written.</summary>
internal sealed unsafe class NativeBytes(byte* address, int length) : MemoryManager<byte>
{
    private readonly nint _address = (nint)address;

    public override Span<byte> GetSpan() => new((void*)_address, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)_address + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
