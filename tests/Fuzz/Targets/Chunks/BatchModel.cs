using Adam.Engine;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Fuzz.Targets.Chunks;

/// <summary>
/// The rules of batches in chunks, written down once more as simply as they can be: an array of booleans for each tensor. Says whether a
/// batch is good and what it holds.
/// </summary>
/// <param name="session">The session.</param>
internal sealed class BatchModel(SessionDefinition session)
{
    private const int CursorBytesMax = 4096;

    private readonly Dictionary<int, Received> _received = [];
    private List<int>? _manifest;

    /// <summary>Whether a begin has come that no commit followed.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>The tensors of the batch in their order; null once the batch is bad.</summary>
    public IReadOnlyList<int>? Manifest => _manifest;

    /// <summary>The bytes of a tensor, and their type; of an empty tensor that never came, none.</summary>
    public (TensorDType? DType, byte[] Bytes) ContentOf(int tensor) =>
        _received.TryGetValue(tensor, out var received) ? (received.DType, received.Bytes) : (null, []);

    public void Begin(BatchBegin begin)
    {
        _received.Clear();
        IsBegun = true;
        _manifest = begin.Sequence > 0 && !begin.HasSampleWeight && !begin.HasRound && AreGood(begin.Overrides) && IsGood(begin.Reply)
            ? ManifestOf(begin)
            : null;
    }

    public void Add(TensorChunk chunk)
    {
        if (_manifest is not null && !TryAdd(chunk))
        {
            _manifest = null;
        }
    }

    /// <summary>Ends the batch.</summary>
    /// <returns>Whether it is good.</returns>
    public bool Commit(BatchCommit commit)
    {
        IsBegun = false;
        return _manifest is not null
            && commit.Digest is null
            && commit.ClientCursor.Length <= CursorBytesMax
            && _manifest.TrueForAll(tensor =>
                _received.TryGetValue(tensor, out var received) ? Array.TrueForAll(received.Came, came => came) : session.Tensors[tensor].ElementCount == 0);
    }

    private bool TryAdd(TensorChunk chunk)
    {
        if (chunk.Data.Length > FuzzedSession.ChunkBytesMax
            || chunk.Codec is not null
            || chunk.RowIds is not null
            || chunk.Slot != Slot.Unspecified
            || chunk.TensorIndex >= session.Tensors.Length
            || !_manifest!.Contains((int)chunk.TensorIndex))
        {
            return false;
        }

        var tensor = session.Tensors[(int)chunk.TensorIndex];
        TensorDType? dtype = chunk.Dtype switch
        {
            DType.Unspecified => tensor.GradientDType ?? tensor.DType,
            DType.Float32 => TensorDType.Float32,
            DType.Float16 => TensorDType.Float16,
            DType.Bfloat16 => TensorDType.BFloat16,
            _ => null,
        };
        if (dtype is null)
        {
            return false;
        }

        var size = dtype == TensorDType.Float32 ? 4 : 2;
        if (!_received.TryGetValue((int)chunk.TensorIndex, out var received))
        {
            received = new Received(dtype.Value, new bool[tensor.ElementCount], new byte[tensor.ElementCount * size]);
            _received.Add((int)chunk.TensorIndex, received);
        }

        return received.DType == dtype && received.TryAdd(chunk.Offset, chunk.Data.Span, size);
    }

    private List<int>? ManifestOf(BatchBegin begin)
    {
        if (begin.TensorsCase == BatchBegin.TensorsOneofCase.AllTensors)
        {
            return [.. Enumerable.Range(0, session.Tensors.Length).Where(IsTrainable)];
        }

        return begin.TensorsCase == BatchBegin.TensorsOneofCase.ListedTensors
            && begin.ListedTensors.Indexes.Count > 0
            && AreGood(begin.ListedTensors)
            && begin.ListedTensors.Indexes.All(index => IsTrainable((int)index))
            ? [.. begin.ListedTensors.Indexes.Select(index => (int)index)]
            : null;
    }

    private bool IsTrainable(int tensor) => session.Tensors[tensor].Role == VariableRole.Trainable;

    private bool AreGood(TensorIndexes listed) =>
        listed.Indexes.Distinct().Count() == listed.Indexes.Count && listed.Indexes.All(index => index < session.Tensors.Length);

    private bool AreGood(V1.StepOverrides? overrides) =>
        overrides is null
        || (overrides.Groups.All(group => group.Group < session.Options.Groups.Length)
            && overrides.Groups.DistinctBy(group => group.Group).Count() == overrides.Groups.Count);

    private bool IsGood(ReplySpec? reply)
    {
        if (reply is null)
        {
            return true;
        }

        if (reply.HasChangedSinceVersion
            || reply.HasAnchorVersion
            || !Enum.IsDefined(reply.Kind)
            || (reply.ChunkBytes != 0 && reply.ChunkBytes is < 4096 or > FuzzedSession.ChunkBytesMax)
            || (reply.Tensors is { } listed && !AreGood(listed)))
        {
            return false;
        }

        var tensors = reply.Tensors?.Indexes.Select(index => (int)index).ToList() ?? [.. Enumerable.Range(0, session.Tensors.Length)];
        if (reply.Kind == ReplyKind.Average)
        {
            var averaged = tensors.Where(tensor => IsTrainable(tensor) && session.Options.Groups[session.Tensors[tensor].Group].UseEma).ToList();
            if (averaged.Count == 0 || (reply.Tensors is not null && averaged.Count < tensors.Count))
            {
                return false;
            }

            tensors = averaged;
        }

        return tensors.TrueForAll(tensor => reply.Dtype == DType.Unspecified
            || reply.Dtype == (session.Tensors[tensor].DType == TensorDType.Float16 ? DType.Float16 : DType.Float32));
    }

    private sealed record Received(TensorDType DType, bool[] Came, byte[] Bytes)
    {
        public bool TryAdd(ulong offset, ReadOnlySpan<byte> data, int size)
        {
            if (data.Length % size != 0 || offset > (ulong)Came.Length || (ulong)(data.Length / size) > (ulong)Came.Length - offset)
            {
                return false;
            }

            var places = Came.AsSpan((int)offset, data.Length / size);
            if (places.Contains(true))
            {
                return false;
            }

            places.Fill(true);
            data.CopyTo(Bytes.AsSpan((int)offset * size));
            return true;
        }
    }
}
