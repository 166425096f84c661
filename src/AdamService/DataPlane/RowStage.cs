using System.Numerics;
using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.DataPlane;

/// <summary>
/// A list of rows of one tensor that is arriving in chunks, in memory that grows with it. When it is complete it is brought into the form that the
/// engine takes: rows that are listed more than once are added up in the order of the list.
/// </summary>
internal sealed unsafe class RowStage : IStagedGradient
{
    /// <summary>
    /// The most elements that the rows of a list have together, if those of the tensor are not more. A chunk far behind all others
    /// costs as much memory as a list that reaches there.
    /// </summary>
    public const long ListElementsMax = 1 << 24;

    private readonly VariableSpec _tensor;
    private readonly StagingMemory _memory;
    private readonly Coverage _coverage = new();
    private readonly long _placesMax;
    private StagingTensor _ids;
    private StagingTensor _values;
    private StagingTensor? _sums;
    private StagingTensor? _sumIds;
    private TensorDType _dtype;
    private int _places;
    private int _sumCount;
    private long _sumElements;
    private bool _isSummed;
    private bool _isAscending;

    /// <summary>Begins an empty list.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="dtype">How values are held, unless chunks come that need float32.</param>
    /// <param name="memory">Where memory comes from.</param>
    /// <exception cref="ServiceException">TENSOR_MISMATCH: the tensor has no rows that could be listed. RESOURCE_EXHAUSTED: no memory.</exception>
    public RowStage(VariableSpec tensor, TensorDType dtype, StagingMemory memory)
    {
        _tensor = tensor;
        _memory = memory;
        _dtype = dtype;
        if (tensor.Shape.Length == 0 || tensor.ElementCount == 0 || tensor.RowCount > RowSums.RowsMax)
        {
            throw Mismatch($"the dense gradient of a tensor of shape {Shape(tensor)}", "a list of rows");
        }

        _placesMax = Math.Min(RowSums.RowsMax, Math.Max(tensor.ElementCount, ListElementsMax) / tensor.RowLength);
        _ids = RentIds(0);
        try
        {
            _values = Rent(dtype, 0);
        }
        catch
        {
            _ids.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public TensorView Elements => _sums?.View.Slice(0, _sumElements) ?? _values.View.Slice(0, _coverage.End * _tensor.RowLength);

    /// <inheritdoc/>
    public RowView? Rows => _tensor.RowUpdates != Engine.RowUpdates.Lazy ? null
        : _sumIds is { } ids ? new RowView((long*)ids.View.Address, _sumCount)
        : new RowView((long*)_ids.View.Address, (int)_coverage.End);

    /// <summary>The ids of the list as it came. Complete only if <see cref="ThrowIfIncomplete"/> does not throw.</summary>
    public ReadOnlySpan<long> ListedIds => IdsOf(_ids, (int)_coverage.End);

    /// <summary>The values of the list as it came.</summary>
    public TensorView ListedValues => _values.View.Slice(0, _coverage.End * _tensor.RowLength);

    /// <summary>Elements in the gaps of the list, as far as it is known.</summary>
    public long MissingCount => (_coverage.End - _coverage.Count) * _tensor.RowLength;

    /// <summary>Adds a piece of the list. Pieces may differ in their encodings; the values are then held as float32.</summary>
    /// <param name="place">The place of the first row in the list.</param>
    /// <param name="ids">The rows.</param>
    /// <param name="encoding">How the values are encoded.</param>
    /// <param name="data">The values.</param>
    /// <exception cref="ServiceException">
    /// TENSOR_MISMATCH: it does not fit the tensor, or a place came twice. RESOURCE_EXHAUSTED: no memory. Nothing changed.
    /// </exception>
    public void Add(ulong place, IReadOnlyList<long> ids, ElementEncoding encoding, ByteString data)
    {
        ThrowIfUnfit(place, ids, encoding, data);
        if (encoding.Held != _dtype && _dtype != TensorDType.Float32)
        {
            Move(TensorDType.Float32, _places);
        }

        var start = (long)place;
        var end = start + ids.Count;
        if (end > _places)
        {
            Move(_dtype, (int)Math.Min(_placesMax, (long)BitOperations.RoundUpToPowerOf2((ulong)end)));
        }

        switch (_coverage.Add(start, end))
        {
            case CoverageResult.Added:
                break;
            case CoverageResult.Overlap:
                throw Mismatch("each place of the list once", $"places {start} to {end}, some of which have come before");
            default:
                throw Mismatch($"at most {Coverage.RunsMax} gaps between chunks at a time", "one more");
        }

        DropSums();
        var room = IdsOf(_ids, _places)[(int)start..];
        for (var i = 0; i < ids.Count; i++)
        {
            room[i] = ids[i];
        }

        encoding.Decode(data.Span, _values.View, start * _tensor.RowLength);
    }

    /// <summary>What has come so far, to go back to with <see cref="GoBackTo"/>.</summary>
    public CoverageMark Mark() => _coverage.Mark();

    /// <summary>Forgets everything that has come since.</summary>
    public void GoBackTo(CoverageMark mark)
    {
        DropSums();
        _coverage.GoBackTo(mark);
    }

    /// <summary>Refuses a list that has a gap.</summary>
    public void ThrowIfIncomplete()
    {
        if (_coverage.FirstMissing(_coverage.End) is var missing and >= 0)
        {
            throw new ServiceException(
                ErrorReason.TensorIncomplete,
                $"Tensor '{_tensor.Path}' {Shape(_tensor)} is incomplete: its list of rows reaches to place {_coverage.End}, but {_coverage.Count} rows "
                + $"came, and place {missing} is the first that is missing. Send the rest before the commit; `offset` counts rows, not elements.",
                ("tensor", _tensor.Path));
        }
    }

    /// <summary>Adds up the list, which is complete, or makes the dense gradient of it. May be called again.</summary>
    /// <exception cref="ServiceException">RESOURCE_EXHAUSTED: no memory; nothing changed.</exception>
    public void Sum()
    {
        if (_isSummed)
        {
            return;
        }

        _isAscending = _tensor.RowUpdates == Engine.RowUpdates.Lazy && RowSums.IsAscending(ListedIds);
        if (!_isAscending)
        {
            using var order = RentIds((int)_coverage.End);
            Sum(new Span<ulong>(order.View.Address, (int)_coverage.End));
        }

        _isSummed = true;
    }

    /// <summary>Frees what the sums were made of.</summary>
    public void DropList()
    {
        if (_isSummed && !_isAscending)
        {
            _ids.Dispose();
            _values.Dispose();
        }
    }

    public void Dispose()
    {
        DropSums();
        _ids.Dispose();
        _values.Dispose();
    }

    private static string Shape(VariableSpec tensor) => $"[{string.Join(", ", tensor.Shape)}]";

    private static Span<long> IdsOf(StagingTensor ids, int count) => new(ids.View.Address, count);

    private void Sum(Span<ulong> order)
    {
        var rows = RowSums.Sort(ListedIds, order);
        var type = TensorWire.GradientType(_tensor);
        if (_tensor.RowUpdates != Engine.RowUpdates.Lazy)
        {
            (_sums, _sumElements) = (_memory.Rent(type, _tensor.ElementCount, Purpose("Adding up the rows")), _tensor.ElementCount);
            RowSums.ToDense(order, ListedValues, _tensor.RowLength, _sums.View);
            return;
        }

        (_sums, _sumElements) = (RentRounded(type, rows * _tensor.RowLength, "Adding up the rows"), rows * _tensor.RowLength);
        try
        {
            (_sumIds, _sumCount) = (RentIds(rows), rows);
        }
        catch
        {
            DropSums();
            throw;
        }

        RowSums.Sum(order, ListedValues, _tensor.RowLength, IdsOf(_sumIds, rows), _sums.View.Slice(0, _sumElements));
    }

    private void DropSums()
    {
        _sums?.Dispose();
        _sumIds?.Dispose();
        (_sums, _sumIds, _isSummed) = (null, null, false);
    }

    // Takes other memory for the list, and what has come along.
    private void Move(TensorDType dtype, int places)
    {
        var values = Rent(dtype, places);
        StagingTensor ids;
        try
        {
            ids = RentIds(places);
        }
        catch
        {
            values.Dispose();
            throw;
        }

        var held = (int)_coverage.End;
        IdsOf(_ids, held).CopyTo(IdsOf(ids, places));
        const int Piece = 1 << 20;
        for (long start = 0, count = held * _tensor.RowLength; start < count; start += Piece)
        {
            var source = _values.View.Bytes(start, (int)Math.Min(Piece, count - start));
            if (dtype == _dtype)
            {
                source.CopyTo(values.View.Bytes(start, (int)Math.Min(Piece, count - start)));
            }
            else
            {
                GradientConversion.ToFloat32(_dtype, source, values.View, start);
            }
        }

        var (oldIds, oldValues) = (_ids, _values);
        (_ids, _values, _dtype, _places) = (ids, values, dtype, places);
        oldIds.Dispose();
        oldValues.Dispose();
    }

    private StagingTensor Rent(TensorDType dtype, int rows) =>
        _memory.Rent(dtype, rows * _tensor.RowLength, Purpose("Receiving rows"));

    // An id takes the room of two float32.
    private StagingTensor RentIds(int count) => RentRounded(TensorDType.Float32, 2L * count, "Receiving ids");

    // What a list needs is another number each time; memory of a few sizes can be used again.
    private StagingTensor RentRounded(TensorDType dtype, long elements, string what) =>
        _memory.Rent(dtype, (long)BitOperations.RoundUpToPowerOf2((ulong)elements), Purpose(what));

    private string Purpose(string what) => $"{what} of tensor '{_tensor.Path}'";

    private void ThrowIfUnfit(ulong place, IReadOnlyList<long> ids, ElementEncoding encoding, ByteString data)
    {
        if (ids.Count == 0)
        {
            throw Mismatch("at least one id in row_ids", "none; leave row_ids out to send a part of a dense gradient");
        }

        var elements = ids.Count * _tensor.RowLength;
        if (encoding.Bytes(elements) is var bytes && bytes != (UInt128)data.Length)
        {
            throw Mismatch(
                $"{bytes} bytes of data ({ids.Count} rows of {_tensor.RowLength} {encoding.Name} elements, shape {Shape(_tensor)})", $"{data.Length} bytes");
        }

        if (place > (ulong)_placesMax || ids.Count > _placesMax - (long)place)
        {
            throw Mismatch(
                $"a list of at most {_placesMax} rows (`offset` is a place in the list; add up duplicates to make it shorter)",
                $"places {place} to {(UInt128)place + (UInt128)ids.Count}");
        }

        for (var i = 0; i < ids.Count; i++)
        {
            if (ids[i] < 0 || ids[i] >= _tensor.RowCount)
            {
                throw Mismatch($"rows 0 to {_tensor.RowCount - 1} (shape {Shape(_tensor)})", $"row {ids[i]} at place {place + (ulong)i} of the list");
            }
        }
    }

    private ServiceException Mismatch(string expected, string received) => new(
        ErrorReason.TensorMismatch,
        $"Tensor '{_tensor.Path}': expected {expected}, received {received}.",
        ("tensor", _tensor.Path),
        ("expected", expected),
        ("received", received));
}
