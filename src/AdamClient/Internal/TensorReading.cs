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
        var destinations = new ReadDestinations(options.DType, options.IfNewerThan is not null);
        foreach (var slot in options.Slots)
        {
            // Of a slot that not every tensor has, the service sends those that have it, unless tensors are listed.
            foreach (var index in options.Tensors ?? [.. Enumerable.Range(0, info.Tensors.Count).Where(index => SlotLayout.Has(info, index, slot))])
            {
                destinations.Add(slot, index, SlotLayout.Of(TensorFit.Find(index, info.Tensors), slot));
            }
        }

        var request = Request(session, info, options.Slots, options.DType, options.IfNewerThan);
        SetConditions(request, options);
        var header = await tensors.ReadAsync(request, destinations, cancellationToken);
        return new ReadResult(header.Unchanged ? new Dictionary<(TensorSlot Slot, int Tensor), Array>() : destinations.Arrays)
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
        ReadIntoOptions options,
        CancellationToken cancellationToken)
    {
        var slot = options.Slot;
        var info = await sessions.GetAsync(session, cancellationToken);
        if (destinations.Count != info.Tensors.Count)
        {
            throw new ArgumentException(
                $"The session has {info.Tensors.Count} tensors and {destinations.Count} buffers came.", nameof(destinations));
        }

        var rooms = new ReadDestinations(options.DType, options.IfNewerThan is not null);
        for (var index = 0; index < destinations.Count; index++)
        {
            if (SlotLayout.Has(info, index, slot))
            {
                var array = SlotLayout.Of(info.Tensors[index], slot);
                TensorFit.CheckBuffer(destinations[index], index, array, options.DType);
                rooms.Add(slot, index, array, destinations[index]);
            }
            else if (!destinations[index].IsEmpty)
            {
                throw new ArgumentException(
                    $"Tensor {index} ('{info.Tensors[index].Name}') has no {slot}; its buffer must be empty.", nameof(destinations));
            }
        }

        var request = Request(session, info, [slot], options.DType, options.IfNewerThan);
        var header = await tensors.ReadAsync(request, rooms, cancellationToken);
        return new TensorVersion(header.Version, header.Generation, header.Groups.Count > 0 ? header.Groups[0].Iterations : 0)
        {
            ReceivedTensors = rooms.Received,
        };
    }

    private static V1.ReadTensorsRequest Request(
        SessionRef session, SessionInfo info, IEnumerable<TensorSlot> slots, TensorDType? dtype, ulong? ifNewerThan)
    {
        var request = new V1.ReadTensorsRequest
        {
            Session = SessionMapping.ToWire(session with { Uid = info.Uid }),
            Slots = { slots.Select(StepMapping.ToWire) },
        };
        Given.Set(dtype, value => request.Dtype = ElementTypes.ToWire(value));
        Given.Set(ifNewerThan, value => request.IfNewerThan = value);
        return request;
    }

    private static void SetConditions(V1.ReadTensorsRequest request, ReadOptions options)
    {
        if (options.Tensors is { } listed)
        {
            request.Tensors = new V1.TensorIndexes { Indexes = { listed.Select(index => (uint)index) } };
        }

        Given.Set(options.Version, value => request.Version = value);
    }
}
