using System.Buffers;
using System.Runtime.InteropServices;

namespace Adam.Client.Tests.Support;

/// <summary>Memory that cancels a token source when its elements are read.</summary>
internal sealed class CancellingMemory(ReadOnlyMemory<float> inner, CancellationTokenSource source) : MemoryManager<float>
{
    // The base class asks for a span to learn the length.
    public override Memory<float> Memory => CreateMemory(inner.Length);

    public override Span<float> GetSpan()
    {
        source.Cancel();
        return MemoryMarshal.AsMemory(inner).Span;
    }

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("These elements are only read.");

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
