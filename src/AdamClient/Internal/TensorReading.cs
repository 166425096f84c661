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
        var indexes = options.Tensors ?? [.. Enumerable.Range(0, info.Tensors.Count)];
        var values = new Dictionary<(TensorSlot Slot, int Tensor), float[]>();
        foreach (var index in indexes)
        {
            if (index < 0 || index >= info.Tensors.Count)
            {
                throw new ArgumentException($"There is no tensor {index}; the session has {info.Tensors.Count}.", nameof(options));
            }

            foreach (var slot in options.Slots)
            {
                values[(slot, index)] = new float[info.Tensors[index].ElementCount];
            }
        }

        var request = new V1.ReadTensorsRequest
        {
            Session = SessionMapping.ToWire(session with { Uid = info.Uid }),
            Slots = { options.Slots.Select(StepMapping.ToWire) },
            Dtype = V1.DType.Float32,
        };
        SetConditions(request, options);
        var header = await tensors.ReadAsync(
            request,
            values.ToDictionary(entry => entry.Key, entry => entry.Value.AsMemory()),
            cancellationToken);
        return new ReadResult(header.Unchanged ? [] : values)
        {
            Version = header.Version,
            Generation = header.Generation,
            Unchanged = header.Unchanged,
            Iterations = header.Groups.Count > 0 ? header.Groups[0].Iterations : 0,
        };
    }

    public async Task<TensorVersion> RunAsync(
        SessionRef session,
        IReadOnlyList<Memory<float>> destinations,
        TensorSlot slot,
        CancellationToken cancellationToken)
    {
        var info = await sessions.GetAsync(session, cancellationToken);
        CheckDestinations(destinations, info.Tensors);
        var request = new V1.ReadTensorsRequest
        {
            Session = SessionMapping.ToWire(session with { Uid = info.Uid }),
            Slots = { StepMapping.ToWire(slot) },
            Dtype = V1.DType.Float32,
        };
        var header = await tensors.ReadAsync(
            request,
            Enumerable.Range(0, destinations.Count).ToDictionary(index => (slot, index), index => destinations[index]),
            cancellationToken);
        return new TensorVersion(header.Version, header.Generation, header.Groups.Count > 0 ? header.Groups[0].Iterations : 0);
    }

    private static void CheckDestinations(IReadOnlyList<Memory<float>> destinations, IReadOnlyList<TensorSpec> tensors)
    {
        if (destinations.Count != tensors.Count)
        {
            throw new ArgumentException(
                $"The session has {tensors.Count} tensors and {destinations.Count} buffers came.", nameof(destinations));
        }

        for (var i = 0; i < destinations.Count; i++)
        {
            if (destinations[i].Length != tensors[i].ElementCount)
            {
                throw new ArgumentException(
                    $"Tensor {i} ('{tensors[i].Name}') has {tensors[i].ElementCount} elements and its buffer {destinations[i].Length}.",
                    nameof(destinations));
            }
        }
    }

    private static void SetConditions(V1.ReadTensorsRequest request, ReadOptions options)
    {
        if (options.Tensors is { } listed)
        {
            request.Tensors = new V1.TensorIndexes { Indexes = { listed.Select(index => (uint)index) } };
        }

        if (options.IfNewerThan is { } known)
        {
            request.IfNewerThan = known;
        }

        if (options.Version is { } version)
        {
            request.Version = version;
        }
    }
}
