namespace Adam.Client.Internal;

/// <summary>Where a read goes: buffers of the caller, or arrays that are made when the first element comes.</summary>
/// <param name="dtype">How elements travel. Null: as each tensor has them.</param>
/// <param name="mayLackTensors">Whether tensors may be left out because they have not changed.</param>
internal sealed class ReadDestinations(TensorDType? dtype, bool mayLackTensors)
{
    private readonly Dictionary<(TensorSlot Slot, int Tensor), Destination> _all = [];

    /// <summary>The arrays that were made, and those of tensors without elements.</summary>
    public IReadOnlyDictionary<(TensorSlot Slot, int Tensor), Array> Arrays => _all
        .Where(entry => entry.Value.Array is not null || entry.Value.Tensor.ElementCount == 0)
        .ToDictionary(entry => entry.Key, entry => entry.Value.Array ?? Make(entry.Value.Tensor).Array);

    /// <summary>The tensors of which anything came, in order.</summary>
    public IReadOnlyList<int> Received => [.. _all.Where(entry => entry.Value.Received > 0).Select(entry => entry.Key.Tensor).Order()];

    /// <summary>Expects a tensor.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="index">The tensor.</param>
    /// <param name="tensor">What it is.</param>
    /// <param name="room">Where it goes, which was checked. Null: an array is made.</param>
    public void Add(TensorSlot slot, int index, TensorSpec tensor, TensorMemory? room = null) =>
        _all[(slot, index)] = new Destination(tensor) { Room = room };

    /// <summary>Copies a chunk to its place.</summary>
    /// <exception cref="AdamException">It was not asked for, or does not fit.</exception>
    public void Put(V1.TensorChunk chunk)
    {
        if (!_all.TryGetValue((StepMapping.FromWire(chunk.Slot), (int)chunk.TensorIndex), out var destination))
        {
            throw ErrorTranslator.BrokenContract($"The service sent {chunk.Slot} of tensor {chunk.TensorIndex}, which was not asked for.");
        }

        if (destination.Room is null)
        {
            (destination.Array, destination.Room) = Make(destination.Tensor);
        }

        destination.Received += TensorChunks.Put(chunk, destination.Room.Value, SentType(destination.Tensor));
        V1.TensorPayload.Release(chunk.Data);
    }

    /// <summary>Checks that everything came.</summary>
    /// <exception cref="AdamException">Something is missing.</exception>
    public void Finish()
    {
        foreach (var ((slot, index), destination) in _all)
        {
            var missing = destination.Tensor.ElementCount - destination.Received;
            if (missing != 0 && !(mayLackTensors && destination.Received == 0))
            {
                throw ErrorTranslator.BrokenContract($"The service ended a read with {missing} elements of {slot} of tensor {index} missing.");
            }
        }
    }

    // Counters are never converted.
    private TensorDType SentType(TensorSpec tensor) => tensor.DType == TensorDType.Int32 ? TensorDType.Int32 : dtype ?? tensor.DType;

    // bfloat16 has no type here; float32 holds it exactly.
    private (Array Array, TensorMemory Room) Make(TensorSpec tensor)
    {
        switch (SentType(tensor))
        {
            case TensorDType.Int32:
                var integers = new int[tensor.ElementCount];
                return (integers, integers);
            case TensorDType.Float32:
            case TensorDType.BFloat16:
                var floats = new float[tensor.ElementCount];
                return (floats, floats);
            case TensorDType.Float16:
                var halves = new Half[tensor.ElementCount];
                return (halves, halves);
            default:
                throw new NotSupportedException($"Tensor '{tensor.Name}' is of a type that this version of the SDK does not know.");
        }
    }

    private sealed class Destination(TensorSpec tensor)
    {
        public TensorSpec Tensor { get; } = tensor;

        public TensorMemory? Room { get; set; }

        public Array? Array { get; set; }

        public long Received { get; set; }
    }
}
