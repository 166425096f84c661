using System.Runtime.InteropServices;
using Adam.Service.Storage.Files;

namespace Adam.Bench.LogBench;

/// <summary>Gradients in native memory, of random bits so that no disk makes them smaller.</summary>
internal sealed unsafe class Batch : IDisposable
{
    private readonly void* _memory;

    public Batch(long bytes)
    {
        _memory = NativeMemory.Alloc((nuint)bytes);
        Piece = new NativePiece((nint)_memory, bytes);
        var random = new Random(1);
        for (long done = 0; done < bytes; done += 1 << 20)
        {
            random.NextBytes(new Span<byte>((byte*)_memory + done, (int)Math.Min(1 << 20, bytes - done)));
        }
    }

    /// <summary>Where they lie.</summary>
    public NativePiece Piece { get; }

    public void Dispose() => NativeMemory.Free(_memory);
}
