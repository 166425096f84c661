using Adam.Engine;
using Adam.Service.Storage.Files;

namespace Adam.Service.Recovery;

/// <summary>Memory for the payload of one record at a time, which grows with the longest.</summary>
internal sealed unsafe class RecordBuffer : IDisposable
{
    private TensorBuffer? _memory;

    /// <summary>Room for a payload. What was given before is gone.</summary>
    public NativePiece Room(long bytes)
    {
        var elements = (bytes + sizeof(float) - 1) / sizeof(float);
        if (_memory is null || _memory.ElementCount < elements)
        {
            _memory?.Dispose();
            _memory = new TensorBuffer(TensorDType.Float32, elements);
        }

        return new NativePiece((nint)_memory.View.Address, bytes);
    }

    public void Dispose() => _memory?.Dispose();
}
