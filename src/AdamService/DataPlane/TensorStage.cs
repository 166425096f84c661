using System.Buffers;
using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.DataPlane;

/// <summary>A tensor that is arriving in chunks: a buffer for all of it, and which of its elements have come.</summary>
internal sealed class TensorStage : IStagedGradient
{
    private readonly VariableSpec _tensor;
    private readonly StagingMemory _memory;
    private readonly Coverage _coverage = new();
    private StagingTensor _buffer;

    /// <summary>Takes a buffer for the whole tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="dtype">How its elements are held, unless chunks come that need float32.</param>
    /// <param name="memory">Where the buffer comes from.</param>
    /// <exception cref="ServiceException">RESOURCE_EXHAUSTED: there is no memory for it.</exception>
    public TensorStage(VariableSpec tensor, TensorDType dtype, StagingMemory memory)
    {
        _tensor = tensor;
        _memory = memory;
        DType = dtype;
        _buffer = Rent(dtype);
    }

    /// <summary>How the elements are held.</summary>
    public TensorDType DType { get; private set; }

    /// <summary>The elements, in row-major order. Complete only if <see cref="ThrowIfIncomplete"/> does not throw.</summary>
    public TensorView Elements => _buffer.View;

    /// <inheritdoc/>
    public RowView? Rows => null;

    /// <summary>True once a run has come, even one without elements.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Elements that have not come yet.</summary>
    public long MissingCount => _tensor.ElementCount - _coverage.Count;

    /// <summary>Adds all elements.</summary>
    /// <exception cref="ServiceException">TENSOR_MISMATCH: it is not exactly the tensor.</exception>
    public void AddWhole(ElementEncoding encoding, ByteString data)
    {
        var bytes = encoding.Bytes(_tensor.ElementCount);
        if ((UInt128)data.Length != bytes)
        {
            throw Mismatch($"{bytes} bytes ({_tensor.ElementCount} {encoding.Name} elements, shape {Shape(_tensor)})", $"{data.Length} bytes");
        }

        Add(0, encoding, data);
    }

    /// <summary>Whether a run of elements can be added from the pieces in which it was received.</summary>
    public bool MayAdd(ElementEncoding encoding, in ReadOnlySequence<byte> data) =>
        data.IsSingleSegment || (encoding.IsVerbatim && encoding.Held == DType);

    /// <summary>Adds a run of elements that lies in one piece.</summary>
    /// <inheritdoc cref="Add(ulong, ElementEncoding, in ReadOnlySequence{byte})" path="/exception"/>
    public void Add(ulong offset, ElementEncoding encoding, ByteString data) => Add(offset, encoding, new ReadOnlySequence<byte>(data.Memory));

    /// <summary>Adds a run of elements. Runs may differ in their encodings; the tensor is then held as float32.</summary>
    /// <param name="offset">The first element.</param>
    /// <param name="encoding">How they are encoded.</param>
    /// <param name="data">Their bytes, in one piece unless <see cref="MayAdd"/> allows more.</param>
    /// <exception cref="ServiceException">
    /// TENSOR_MISMATCH: it does not fit the tensor, or an element came twice. RESOURCE_EXHAUSTED: no memory to hold it wider. Nothing changed.
    /// </exception>
    public void Add(ulong offset, ElementEncoding encoding, in ReadOnlySequence<byte> data)
    {
        var elements = encoding.Count(checked((int)data.Length));
        if (elements < 0)
        {
            throw Mismatch(encoding.WholeData, $"{data.Length} bytes");
        }

        if (offset > (ulong)_tensor.ElementCount || elements > _tensor.ElementCount - (long)offset)
        {
            throw Mismatch(
                $"elements within 0 to {_tensor.ElementCount} (shape {Shape(_tensor)})",
                $"elements {offset} to {(UInt128)offset + (UInt128)elements}");
        }

        var start = (long)offset;
        ThrowIfCutWithinBlock(start, elements, encoding);
        if (elements == 0)
        {
            // Nothing to hold, so nothing to be held wider for.
            IsStarted = true;
            return;
        }

        if (encoding.Held != DType)
        {
            Widen();
        }

        switch (_coverage.Add(start, start + elements))
        {
            case CoverageResult.Added:
                IsStarted = true;
                Decode(encoding, data, start, elements);
                break;
            case CoverageResult.Overlap:
                throw Mismatch("each element once", $"elements {start} to {start + elements}, some of which have come before");
            case CoverageResult.TooScattered:
                throw Mismatch($"at most {Coverage.RunsMax} gaps between chunks at a time", "one more");
        }
    }

    /// <summary>Adds all elements from where they lie already in the type in which they are held. Nothing has come before.</summary>
    /// <param name="copy">Copies them.</param>
    public void AddWhole(Action<TensorView> copy)
    {
        copy(Elements);
        _coverage.Add(0, _tensor.ElementCount);
        IsStarted = true;
    }

    /// <summary>What has come so far, to go back to with <see cref="GoBackTo"/>.</summary>
    public CoverageMark Mark() => _coverage.Mark();

    /// <summary>Forgets everything that has come since.</summary>
    public void GoBackTo(CoverageMark mark) => _coverage.GoBackTo(mark);

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

    private void Decode(ElementEncoding encoding, in ReadOnlySequence<byte> data, long start, int elements)
    {
        if (data.IsSingleSegment)
        {
            encoding.Decode(data.FirstSpan, Elements, start);
        }
        else
        {
            // Pieces may end within an element: they are bytes here.
            data.CopyTo(Elements.Bytes(start, elements));
        }
    }

    // The numbers stay: float32 holds what every encoding has.
    private void Widen()
    {
        if (DType == TensorDType.Float32)
        {
            return;
        }

        const int Piece = 1 << 20;
        var narrow = _buffer;
        var wide = Rent(TensorDType.Float32);
        for (long start = 0; start < _tensor.ElementCount && _coverage.Count > 0; start += Piece)
        {
            var count = (int)Math.Min(Piece, _tensor.ElementCount - start);
            GradientConversion.ToFloat32(DType, narrow.View.Bytes(start, count), wide.View, start);
        }

        (_buffer, DType) = (wide, TensorDType.Float32);
        narrow.Dispose();
    }

    private StagingTensor Rent(TensorDType dtype) => _memory.Rent(dtype, _tensor.ElementCount, $"Receiving tensor '{_tensor.Path}'");

    private void ThrowIfCutWithinBlock(long start, int elements, ElementEncoding encoding)
    {
        if (start % encoding.OffsetMultiple != 0)
        {
            throw Mismatch($"{encoding.Name} chunks that begin at multiples of {encoding.OffsetMultiple} elements", $"one that begins at {start}");
        }

        if (!encoding.MayBeFollowed(elements) && start + elements < _tensor.ElementCount)
        {
            throw Mismatch(
                $"{encoding.Name} chunks of multiples of {encoding.OffsetMultiple} elements, but for the last of the tensor",
                $"elements {start} to {start + elements} of {_tensor.ElementCount}");
        }
    }

    private ServiceException Mismatch(string expected, string received) => new(
        ErrorReason.TensorMismatch,
        $"Tensor '{_tensor.Path}': expected {expected}, received {received}.",
        ("tensor", _tensor.Path),
        ("expected", expected),
        ("received", received));

    private static string Shape(VariableSpec tensor) => $"[{string.Join(", ", tensor.Shape)}]";
}
