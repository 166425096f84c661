namespace Adam.Client.Internal;

/// <summary>Reads tensors into buffers that are made for them, or into those of the caller.</summary>
internal sealed class TensorReading(SessionsApi sessions, TensorsApi tensors)
{
    public async Task<ReadResult> RunAsync(SessionRef session, ReadOptions options, CancellationToken cancellationToken)
    {
        if (options.Slots.Count == 0)
        {
            throw new ArgumentException("A read needs at least one slot.", nameof(options));
        }

        // The sizes are asked for first; they never change while the session lives, which its random bytes make sure of.
        var info = await sessions.GetAsync(session, cancellationToken);
        var arrays = new Dictionary<(TensorSlot Slot, int Tensor), Array>();
        var rooms = new Dictionary<(TensorSlot Slot, int Tensor), TensorMemory>();
        foreach (var slot in options.Slots)
        {
            // Of a slot that not every tensor has, the service sends those that have it, unless tensors are listed.
            foreach (var index in options.Tensors ?? [.. Enumerable.Range(0, info.Tensors.Count).Where(index => SlotLayout.Has(info, index, slot))])
            {
                (arrays[(slot, index)], rooms[(slot, index)]) = Make(TensorFit.Find(index, info.Tensors));
            }
        }

        var request = Request(session, info, options.Slots);
        SetConditions(request, options);
        var header = await tensors.ReadAsync(request, rooms, cancellationToken);
        return new ReadResult(header.Unchanged ? [] : arrays)
        {
            Version = header.Version,
            Generation = header.Generation,
            Unchanged = header.Unchanged,
            Groups = GroupMapping.FromWire(header.Groups),
        };
    }

    public async Task<TensorVersion> RunAsync(
        SessionRef session,
        IReadOnlyList<TensorMemory> destinations,
        TensorSlot slot,
        CancellationToken cancellationToken)
    {
        var info = await sessions.GetAsync(session, cancellationToken);
        if (destinations.Count != info.Tensors.Count)
        {
            throw new ArgumentException(
                $"The session has {info.Tensors.Count} tensors and {destinations.Count} buffers came.", nameof(destinations));
        }

        var rooms = new Dictionary<(TensorSlot Slot, int Tensor), TensorMemory>();
        for (var index = 0; index < destinations.Count; index++)
        {
            if (SlotLayout.Has(info, index, slot))
            {
                TensorFit.Check(destinations[index], index, info.Tensors, "buffer");
                rooms[(slot, index)] = destinations[index];
            }
            else if (!destinations[index].IsEmpty)
            {
                throw new ArgumentException(
                    $"Tensor {index} ('{info.Tensors[index].Name}') has no {slot}; its buffer must be empty.", nameof(destinations));
            }
        }

        var header = await tensors.ReadAsync(Request(session, info, [slot]), rooms, cancellationToken);
        return new TensorVersion(header.Version, header.Generation, header.Groups.Count > 0 ? header.Groups[0].Iterations : 0);
    }

    private static (Array Elements, TensorMemory Room) Make(TensorSpec tensor)
    {
        switch (tensor.DType)
        {
            case TensorDType.Float32:
                var floats = new float[tensor.ElementCount];
                return (floats, floats);
            case TensorDType.Float16:
                var halves = new Half[tensor.ElementCount];
                return (halves, halves);
            default:
                throw new NotSupportedException($"Tensor '{tensor.Name}' is of a type that this version of the SDK does not know.");
        }
    }

    private static V1.ReadTensorsRequest Request(SessionRef session, SessionInfo info, IEnumerable<TensorSlot> slots) => new()
    {
        Session = SessionMapping.ToWire(session with { Uid = info.Uid }),
        Slots = { slots.Select(StepMapping.ToWire) },
    };

    private static void SetConditions(V1.ReadTensorsRequest request, ReadOptions options)
    {
        if (options.Tensors is { } listed)
        {
            request.Tensors = new V1.TensorIndexes { Indexes = { listed.Select(index => (uint)index) } };
        }

        Given.Set(options.IfNewerThan, value => request.IfNewerThan = value);
        Given.Set(options.Version, value => request.Version = value);
    }
}
