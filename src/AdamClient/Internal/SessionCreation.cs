namespace Adam.Client.Internal;

/// <summary>Makes a session, with its weights inside the request where they fit and by a stream where they do not.</summary>
internal sealed class SessionCreation(SessionsApi sessions, TensorsApi tensors)
{
    // The contract keeps unary messages under 4 MiB; the rest is room for names, shapes and labels.
    private const long InlineBytesMax = 3L << 20;

    public async Task<SessionInfo> RunAsync(SessionSpec spec, CancellationToken cancellationToken)
    {
        var weights = spec.InitialWeights;
        if (weights is not null)
        {
            CheckWeights(spec.Tensors, weights);
        }

        var request = ToRequest(spec);
        if (weights is null)
        {
            return await sessions.CreateAsync(request, cancellationToken);
        }

        if (weights.Sum(values => (long)values.Length * sizeof(float)) <= InlineBytesMax)
        {
            request.InitialValues.Add(weights.Select((values, index) => new V1.TensorData
            {
                TensorIndex = (uint)index,
                Dtype = V1.DType.Float32,
                Data = TensorChunks.Wrap(values),
            }));
            return await sessions.CreateAsync(request, cancellationToken);
        }

        var session = await sessions.CreateAsync(request, cancellationToken);
        if (session.UninitializedTensors.Count == 0)
        {
            return session;
        }

        // Another process may be creating the same session: only the version that was just seen is written to.
        var writes = session.UninitializedTensors.Select(index => new TensorWrite(index, weights[index])).ToList();
        await tensors.WriteAsync(session.Reference, writes, new WriteOptions { IfVersion = session.Version }, cancellationToken);
        return await sessions.GetAsync(session.Reference, cancellationToken) with { IsNew = session.IsNew };
    }

    private static V1.CreateSessionRequest ToRequest(SessionSpec spec)
    {
        var request = new V1.CreateSessionRequest
        {
            SessionId = spec.SessionId ?? "",
            Optimizer = SettingsMapping.ToWire(spec.Optimizer),
            Tensors = { spec.Tensors.Select(SessionMapping.ToWire) },
        };
        request.Labels.Add(spec.Labels.ToDictionary());
        if (spec.Durability is { } tier)
        {
            request.Durability = new V1.Durability { Tier = SessionMapping.ToWire(tier) };
        }

        return request;
    }

    private static void CheckWeights(IReadOnlyList<TensorSpec> specs, IReadOnlyList<ReadOnlyMemory<float>> weights)
    {
        if (weights.Count != specs.Count)
        {
            throw new ArgumentException($"There are {specs.Count} tensors and initial weights for {weights.Count}.", nameof(weights));
        }

        for (var i = 0; i < specs.Count; i++)
        {
            if (weights[i].Length != specs[i].ElementCount)
            {
                throw new ArgumentException(
                    $"Tensor {i} ('{specs[i].Name}') has {specs[i].ElementCount} elements and {weights[i].Length} initial weights.",
                    nameof(weights));
            }
        }
    }
}
