namespace Adam.Client.Internal;

/// <summary>Makes a session, with its weights inside the request where they fit and by a stream where they do not.</summary>
internal sealed class SessionCreation(SessionsApi sessions, TensorsApi tensors)
{
    // The largest message that the service takes unless it is told otherwise.
    private const int RequestBytesMax = 4 << 20;

    public async Task<SessionInfo> RunAsync(SessionSpec spec, CancellationToken cancellationToken)
    {
        var session = await MakeAsync(spec, cancellationToken);

        // Nobody else has an id that was made here. The answer may still say otherwise: to the second attempt of a call whose first made it.
        return spec.SessionId is null ? session with { IsNew = true } : session;
    }

    private async Task<SessionInfo> MakeAsync(SessionSpec spec, CancellationToken cancellationToken)
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

        return TryAdd(weights, request)
            ? await sessions.CreateAsync(request, cancellationToken)
            : await CreateAndWriteAsync(request, weights, cancellationToken);
    }

    // Nothing is copied here, so that the exact size is cheap to know: names and shapes may take more room than the weights.
    private static bool TryAdd(IReadOnlyList<ReadOnlyTensorMemory> weights, V1.CreateSessionRequest request)
    {
        if (weights.Sum(TensorChunks.ByteCount) > RequestBytesMax)
        {
            return false;
        }

        request.InitialValues.Add(weights.Select((values, index) => new V1.TensorData
        {
            TensorIndex = (uint)index,
            Dtype = ElementTypes.ToWire(values.DType),
            Data = TensorChunks.Wrap(values, 0, values.Length),
        }));
        if (request.CalculateSize() <= RequestBytesMax)
        {
            return true;
        }

        request.InitialValues.Clear();
        return false;
    }

    private async Task<SessionInfo> CreateAndWriteAsync(
        V1.CreateSessionRequest request,
        IReadOnlyList<ReadOnlyTensorMemory> weights,
        CancellationToken cancellationToken)
    {
        var session = await sessions.CreateAsync(request, cancellationToken);
        for (var isWritten = false; session.UninitializedTensors.Count > 0 && !isWritten;)
        {
            isWritten = await TryWriteAsync(session, weights, cancellationToken);
            session = await sessions.GetAsync(session.Reference, cancellationToken) with { IsNew = session.IsNew };
        }

        return session;
    }

    // Another process may be creating the same session, and training it already: only the version that was seen is written to.
    private async Task<bool> TryWriteAsync(
        SessionInfo session,
        IReadOnlyList<ReadOnlyTensorMemory> weights,
        CancellationToken cancellationToken)
    {
        var writes = session.UninitializedTensors.Select(index => new TensorWrite(index, weights[index])).ToList();
        var options = new WriteOptions { IfVersion = session.Version };
        try
        {
            await tensors.WriteAsync(session.Reference, writes, options, session.MaxChunkBytes, cancellationToken);
            return true;
        }
        catch (AdamException changed) when (changed.Reason == AdamErrorReason.VersionMismatch)
        {
            return false;
        }
    }

    /// <summary>The request without weights.</summary>
    public static V1.CreateSessionRequest ToRequest(SessionSpec spec)
    {
        var request = new V1.CreateSessionRequest
        {
            // The service would make an id too. Made here, the call can be made again and still gives the same session.
            SessionId = spec.SessionId ?? Guid.NewGuid().ToString("N"),
            Optimizer = SettingsMapping.ToWire(spec.Optimizer),
            Tensors = { spec.Tensors.Select(TensorMapping.ToWire) },
            Durability = DurabilityMapping.ToWire(spec.Durability),
            Limits = LimitsMapping.ToWire(spec.Limits),
        };
        request.Labels.Add(spec.Labels.ToDictionary());
        return request;
    }

    private static void CheckWeights(IReadOnlyList<TensorSpec> specs, IReadOnlyList<ReadOnlyTensorMemory> weights)
    {
        if (weights.Count != specs.Count)
        {
            throw new ArgumentException($"There are {specs.Count} tensors and initial weights for {weights.Count}.", nameof(weights));
        }

        for (var i = 0; i < specs.Count; i++)
        {
            TensorFit.Check(weights[i], i, specs, "initial weights");
        }
    }
}
