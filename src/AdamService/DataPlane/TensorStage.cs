using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.DataPlane;

/// <summary>A tensor that is arriving in chunks: a buffer for all of it, and which of its elements have come.</summary>
internal sealed class TensorStage : IDisposable
{
    private readonly VariableSpec _tensor;
    private readonly CountedTensor _buffer;
    private readonly Coverage _coverage = new();

    /// <summary>Takes a buffer for the whole tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="dtype">How its elements come, and are held.</param>
    /// <param name="budget">Where the buffer is counted.</param>
    /// <exception cref="ServiceException">RESOURCE_EXHAUSTED: there is no memory for it.</exception>
    public TensorStage(VariableSpec tensor, TensorDType dtype, MemoryBudget budget)
    {
        _tensor = tensor;
        DType = dtype;
        _buffer = CountedTensor.Rent(budget, dtype, tensor.ElementCount, $"Receiving tensor '{tensor.Path}'");
    }

    /// <summary>How the elements are held.</summary>
    public TensorDType DType { get; }

    /// <summary>The elements, in row-major order. Complete only if <see cref="ThrowIfIncomplete"/> does not throw.</summary>
    public TensorView Elements => _buffer.View;

    private int ElementBytes => DType.ElementBytes();

    private string TypeName => DType switch
    {
        TensorDType.Float32 => "float32",
        TensorDType.Float16 => "float16",
        _ => "bfloat16",
    };

    /// <summary>True once a run has come, even one without elements.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Refuses elements that come in another type than those before.</summary>
    /// <exception cref="ServiceException">TENSOR_MISMATCH.</exception>
    public void ThrowIfOtherType(TensorDType dtype)
    {
        if (dtype != DType)
        {
            throw Mismatch($"{TypeName} elements, as in the chunks before", $"elements of {dtype}");
        }
    }

    /// <summary>Adds all elements.</summary>
    /// <exception cref="ServiceException">TENSOR_MISMATCH: it is not exactly the tensor.</exception>
    public void AddWhole(ByteString data)
    {
        var bytes = (UInt128)_tensor.ElementCount * (UInt128)ElementBytes;
        if ((UInt128)data.Length != bytes)
        {
            throw Mismatch($"{bytes} bytes ({_tensor.ElementCount} {TypeName} elements, shape {Shape(_tensor)})", $"{data.Length} bytes");
        }

        Add(0, data);
    }

    /// <summary>Adds a run of elements.</summary>
    /// <exception cref="ServiceException">TENSOR_MISMATCH: it does not fit the tensor, or an element came twice.</exception>
    public void Add(ulong offset, ByteString data)
    {
        var (elements, rest) = Math.DivRem(data.Length, ElementBytes);
        if (rest != 0)
        {
            throw Mismatch($"data of whole {TypeName} elements (a multiple of {ElementBytes} bytes)", $"{data.Length} bytes");
        }

        if (offset > (ulong)_tensor.ElementCount || elements > _tensor.ElementCount - (long)offset)
        {
            throw Mismatch(
                $"elements within 0 to {_tensor.ElementCount} (shape {Shape(_tensor)})",
                $"elements {offset} to {(UInt128)offset + (UInt128)elements}");
        }

        var start = (long)offset;
        switch (_coverage.Add(start, start + elements))
        {
            case CoverageResult.Added:
                IsStarted = true;
                TensorWire.Decode(data.Span, Elements, start);
                break;
            case CoverageResult.Overlap:
                throw Mismatch("each element once", $"elements {start} to {start + elements}, some of which have come before");
            case CoverageResult.TooScattered:
                throw Mismatch($"at most {Coverage.RunsMax} gaps between chunks at a time", "one more");
        }
    }

    /// <summary>Refuses a tensor of which elements are missing.</summary>
    public void ThrowIfIncomplete()
    {
        if (_coverage.FirstMissing(_tensor.ElementCount) is var missing and >= 0)
        {
            throw Incomplete(_tensor, _coverage.Count, missing);
        }
    }

    /// <summary>The refusal of a tensor of which elements are missing.</summary>
    public static ServiceException Incomplete(VariableSpec tensor, long received, long firstMissing) => new(
        ErrorReason.TensorIncomplete,
        $"Tensor '{tensor.Path}' {Shape(tensor)} is incomplete: {received} of {tensor.ElementCount} elements came, element {firstMissing} is "
        + "the first that is missing. Send the rest before the commit.",
        ("tensor", tensor.Path));

    public void Dispose() => _buffer.Dispose();

    private ServiceException Mismatch(string expected, string received) => new(
        ErrorReason.TensorMismatch,
        $"Tensor '{_tensor.Path}': expected {expected}, received {received}.",
        ("tensor", _tensor.Path),
        ("expected", expected),
        ("received", received));

    private static string Shape(VariableSpec tensor) => $"[{string.Join(", ", tensor.Shape)}]";
}
