using System.Buffers;

namespace Adam.Client.Internal;

/// <summary>Where the reply to a batch goes, checked against the tensors of the session.</summary>
internal sealed class ReplyBuffers : V1.ITensorSink
{
    private static readonly ReplyBuffers Nothing = new([], [], V1.ReplyKind.None, null, null);

    private readonly IReadOnlyList<TensorMemory> _buffers;
    private readonly IReadOnlyList<TensorSpec> _tensors;
    private readonly TensorDType? _dtype;
    private readonly ulong? _changedSince;
    private readonly int[] _received;
    private readonly bool[] _hasRows;
    private bool _hasTaken;

    private ReplyBuffers(
        IReadOnlyList<TensorMemory> buffers, IReadOnlyList<TensorSpec> tensors, V1.ReplyKind kind, TensorDType? dtype, ulong? changedSince)
    {
        (_buffers, _tensors, Kind, _dtype, _changedSince) = (buffers, tensors, kind, dtype, changedSince);
        _received = new int[buffers.Count];
        _hasRows = new bool[buffers.Count];
    }

    /// <summary>What is asked for.</summary>
    public V1.ReplyKind Kind { get; }

    /// <summary>What there still is of it when the batch is long decided: differences are gone, and weights take their place.</summary>
    public V1.ReplyKind KindAfterwards => Kind is V1.ReplyKind.Delta or V1.ReplyKind.DeltaXor ? V1.ReplyKind.Weights : Kind;

    /// <summary>The tensors of which anything came.</summary>
    public IReadOnlyList<int> Received => [.. Enumerable.Range(0, _received.Length).Where(index => _received[index] > 0)];

    /// <param name="buffers">The buffers; null for no reply.</param>
    /// <param name="kind">What they receive.</param>
    /// <param name="dtype">How elements travel. Null: as each tensor has them.</param>
    /// <param name="changedSince">The version whose values the buffers have. Null: all tensors come.</param>
    /// <param name="tensors">The tensors of the session.</param>
    /// <exception cref="ArgumentException">Not one buffer for each tensor, one of another length or type, or buffers for nothing.</exception>
    public static ReplyBuffers Of(
        IReadOnlyList<TensorMemory>? buffers, ReplyKind kind, TensorDType? dtype, ulong? changedSince, IReadOnlyList<TensorSpec> tensors)
    {
        if (buffers is null)
        {
            return Nothing;
        }

        if (kind == ReplyKind.None)
        {
            throw new ArgumentException("Buffers came with a reply of kind None, which would leave them as they are.", nameof(buffers));
        }

        if (buffers.Count != tensors.Count)
        {
            throw new ArgumentException($"The session has {tensors.Count} tensors and {buffers.Count} buffers came.", nameof(buffers));
        }

        var leftOut = 0;
        for (var i = 0; i < buffers.Count; i++)
        {
            if (buffers[i].IsEmpty && tensors[i].ElementCount > 0)
            {
                leftOut++;
                continue;
            }

            TensorFit.CheckBuffer(buffers[i], i, tensors[i], dtype);
            if (kind == ReplyKind.DeltaXor && dtype is { } sent && sent != tensors[i].DType)
            {
                throw new ArgumentException(
                    $"Tensor {i} ('{tensors[i].Name}') is {tensors[i].DType}; a reply of kind DeltaXor carries its bits and cannot come as {sent}.", nameof(dtype));
            }
        }

        return leftOut == buffers.Count && leftOut > 0
            ? Nothing
            : new ReplyBuffers(buffers, tensors, StepMapping.ToWire(kind), dtype, changedSince);
    }

    /// <summary>What the batch asks for.</summary>
    public V1.ReplySpec ToWire()
    {
        var spec = new V1.ReplySpec { Kind = Kind };
        Given.Set(_changedSince, version => spec.ChangedSinceVersion = version);
        Given.Set(_dtype, dtype => spec.Dtype = ElementTypes.ToWire(dtype));
        if (Enumerable.Range(0, _buffers.Count).Any(IsLeftOut))
        {
            spec.Tensors = new V1.TensorIndexes();
            spec.Tensors.Indexes.Add(Enumerable.Range(0, _buffers.Count).Where(index => !_buffers[index].IsEmpty).Select(index => (uint)index));
        }

        return spec;
    }

    /// <summary>Where a read goes that takes the place of a reply which was lost: all of it, since nobody knows what had come.</summary>
    /// <param name="slot">The slot.</param>
    public ReadDestinations ToDestinations(TensorSlot slot)
    {
        var destinations = new ReadDestinations(_dtype, _changedSince is not null);
        foreach (var index in Asked)
        {
            destinations.Add(slot, index, _tensors[index], _buffers[index]);
        }

        return destinations;
    }

    /// <summary>The request of such a read.</summary>
    /// <param name="slot">The slot.</param>
    public V1.ReadTensorsRequest ToRead(TensorSlot slot)
    {
        var request = new V1.ReadTensorsRequest { Slots = { StepMapping.ToWire(slot) }, Tensors = new V1.TensorIndexes() };
        request.Tensors.Indexes.Add(Asked.Select(index => (uint)index));
        Given.Set(_changedSince, version => request.IfNewerThan = version);
        Given.Set(_dtype, dtype => request.Dtype = ElementTypes.ToWire(dtype));
        return request;
    }

    /// <summary>Copies elements from where they were received straight to their place. What is odd about them is left to <see cref="Put"/>.</summary>
    public bool TryTake(V1.TensorChunk chunk, in ReadOnlySequence<byte> elements)
    {
        var index = chunk.TensorIndex;
        if (elements.IsSingleSegment && index < (uint)_buffers.Count && chunk.RowIds is null)
        {
            var dtype = _dtype ?? _tensors[(int)index].DType;
            if (chunk.Dtype == ElementTypes.ToWire(dtype) && TensorChunks.TryPut(chunk, elements.FirstSpan, _buffers[(int)index], dtype, out var count))
            {
                _received[(int)index] += count;
                _hasTaken = true;
                return true;
            }
        }

        return false;
    }

    /// <summary>Copies a chunk of the reply to its place, unless its elements have been taken already.</summary>
    public void Put(V1.TensorChunk chunk)
    {
        if (_hasTaken)
        {
            _hasTaken = false;
            return;
        }

        if (chunk.TensorIndex >= (uint)_buffers.Count)
        {
            throw ErrorTranslator.BrokenContract($"The reply has a chunk of tensor {chunk.TensorIndex}, which was not asked for.");
        }

        var index = (int)chunk.TensorIndex;
        if (chunk.RowIds is null)
        {
            _received[index] += TensorChunks.Put(chunk, _buffers[index], _dtype ?? _tensors[index].DType);
        }
        else
        {
            BeginRows(index);
            TensorChunks.PutRows(chunk, _buffers[index], _tensors[index].RowLength, _dtype ?? _tensors[index].DType);
            _received[index] += chunk.RowIds.Ids.Count;
        }

        V1.TensorPayload.Release(chunk.Data);
    }

    /// <summary>Checks that everything came.</summary>
    public void Finish()
    {
        for (var index = 0; index < _buffers.Count; index++)
        {
            // Of lazy rows those come that the batch changed, which may be none.
            if (_tensors[index].RowUpdates == RowUpdates.Lazy && (_hasRows[index] || _received[index] == 0))
            {
                BeginRows(index);
                continue;
            }

            var missing = _buffers[index].Length - _received[index];
            if (missing != 0 && (_changedSince is null || _received[index] > 0))
            {
                throw ErrorTranslator.BrokenContract($"The service ended a reply with {missing} elements of tensor {index} missing.");
            }
        }
    }

    // The other rows have not changed: what a buffer of weights has of them is right, and the difference is zero.
    private void BeginRows(int index)
    {
        if (!_hasRows[index] && Kind is (V1.ReplyKind.Delta or V1.ReplyKind.DeltaXor))
        {
            _buffers[index].Room(0, _buffers[index].Length).Clear();
        }

        _hasRows[index] = true;
    }

    private IEnumerable<int> Asked => Enumerable.Range(0, _buffers.Count).Where(index => !_buffers[index].IsEmpty);

    private bool IsLeftOut(int index) => _buffers[index].IsEmpty && _tensors[index].ElementCount > 0;
}
