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
    private readonly Dictionary<int, SortedDictionary<ulong, (long Id, float[] Values)>> _rows = [];
    private List<int>? _manifest;

    /// <summary>Whether a begin has come that no commit followed.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>The tensors of the batch in their order; null once the batch is bad.</summary>
    public IReadOnlyList<int>? Manifest => _manifest;

    /// <summary>The numbers of a tensor, and the type in which they are held; of an empty tensor that never came, none.</summary>
    public (TensorDType? DType, float[] Values) ContentOf(int tensor) =>
        _rows.TryGetValue(tensor, out var rows) ? (GradientType(session.Tensors[tensor]), ToDense(session.Tensors[tensor], rows))
        : _received.TryGetValue(tensor, out var received) ? (received.Held, received.Values)
        : (null, []);

    /// <summary>The digest of a good batch.</summary>
    public uint Digest()
    {
        var digest = new GradientDigest();
        foreach (var tensor in _manifest!)
        {
            if (_rows.TryGetValue(tensor, out var rows))
            {
                digest.BeginRows((uint)tensor, [.. rows.Values.Select(row => row.Id)]);
                digest.Append([.. rows.Values.SelectMany(row => row.Values)]);
                continue;
            }

            var (_, values) = ContentOf(tensor);
            digest.BeginTensor((uint)tensor, (ulong)values.Length);
            digest.Append(values);
        }

        return digest.Finish();
    }

    public void Begin(BatchBegin begin)
    {
        _received.Clear();
        _rows.Clear();
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

    /// <summary>Ends the batch. Whether its digest is right is not looked at.</summary>
    /// <returns>Whether it is good.</returns>
    public bool Commit(BatchCommit commit)
    {
        IsBegun = false;
        return _manifest is not null
            && commit.ClientCursor.Length <= CursorBytesMax
            && _manifest.TrueForAll(tensor =>
                _rows.TryGetValue(tensor, out var rows) ? rows.Keys.Last() == (ulong)rows.Count - 1 :
                _received.TryGetValue(tensor, out var received) ? Array.TrueForAll(received.Came, came => came) : session.Tensors[tensor].ElementCount == 0);
    }

    private bool TryAdd(TensorChunk chunk)
    {
        if (chunk.Data.Length > FuzzedSession.ChunkBytesMax
            || chunk.Codec is not null
            || chunk.Slot != Slot.Unspecified
            || chunk.TensorIndex >= session.Tensors.Length
            || !_manifest!.Contains((int)chunk.TensorIndex))
        {
            return false;
        }

        var tensor = session.Tensors[(int)chunk.TensorIndex];
        var gradient = GradientType(tensor);
        if (chunk.RowIds is not null)
        {
            return !_received.ContainsKey((int)chunk.TensorIndex)
                && WireNumbers.Read(chunk.Dtype, gradient, chunk.Data.Span) is { } listed
                && TryAddRows(chunk, tensor, listed.Values);
        }

        if (_rows.ContainsKey((int)chunk.TensorIndex))
        {
            return false;
        }

        if (WireNumbers.Read(chunk.Dtype, gradient, chunk.Data.Span) is not { } numbers || !MayStand(chunk, numbers.Values.Length, tensor.ElementCount))
        {
            return false;
        }

        if (!_received.TryGetValue((int)chunk.TensorIndex, out var received))
        {
            received = new Received(numbers.Held, new bool[tensor.ElementCount], new float[tensor.ElementCount]);
            _received.Add((int)chunk.TensorIndex, received);
        }

        return received.TryAdd(chunk.Offset, numbers.Values, numbers.Held);
    }

    private bool TryAddRows(TensorChunk chunk, VariableSpec tensor, float[] values)
    {
        const long ListElementsMax = 1 << 24;
        if (tensor.Shape.Length == 0 || tensor.ElementCount == 0)
        {
            return false;
        }

        var placesMax = Math.Max(tensor.ElementCount, ListElementsMax) / tensor.RowLength;
        var ids = chunk.RowIds.Ids;
        if (ids.Count == 0
            || values.Length != ids.Count * tensor.RowLength
            || ids.Any(id => id < 0 || id >= tensor.Shape[0])
            || chunk.Offset > (ulong)placesMax
            || ids.Count > placesMax - (long)chunk.Offset)
        {
            return false;
        }

        if (!_rows.TryGetValue((int)chunk.TensorIndex, out var rows))
        {
            _rows.Add((int)chunk.TensorIndex, rows = []);
        }

        return ids.Zip(values.Chunk((int)tensor.RowLength)).Select((row, i) => rows.TryAdd(chunk.Offset + (ulong)i, row)).All(isNew => isNew);
    }

    // Each row's first values as they are, each further ones added with one rounding.
    private static float[] ToDense(VariableSpec tensor, SortedDictionary<ulong, (long Id, float[] Values)> rows)
    {
        var isShort = GradientType(tensor) == TensorDType.Float16;
        var sums = new float[tensor.ElementCount];
        var seen = new HashSet<long>();
        foreach (var (id, values) in rows.Values)
        {
            var isFirst = seen.Add(id);
            for (var i = 0; i < values.Length; i++)
            {
                ref var sum = ref sums[(id * tensor.RowLength) + i];
                var value = isShort ? (float)(Half)values[i] : values[i];
                sum = isFirst ? value : isShort ? (float)(Half)(sum + value) : sum + value;
            }
        }

        return sums;
    }

    private static TensorDType GradientType(VariableSpec tensor) => tensor.GradientDType ?? tensor.DType;

    // Blocks are never cut, but by the end of the tensor.
    private static bool MayStand(TensorChunk chunk, int elements, long elementCount) =>
        chunk.Dtype != DType.Int8Blocks
        || (chunk.Offset % WireNumbers.Block == 0 && (elements % WireNumbers.Block == 0 || (long)chunk.Offset + elements == elementCount));

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

        if (reply.HasAnchorVersion
            || !Enum.IsDefined(reply.Kind)
            || reply.Dtype is not (DType.Unspecified or DType.Float32 or DType.Float16 or DType.Bfloat16)
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

        }

        // Bit patterns are not converted. Integers never are.
        return reply.Kind != ReplyKind.DeltaXor
            || reply.Dtype == DType.Unspecified
            || tensors.TrueForAll(tensor => session.Tensors[tensor].DType switch
            {
                TensorDType.Float16 => reply.Dtype == DType.Float16,
                TensorDType.Float32 => reply.Dtype == DType.Float32,
                _ => true,
            });
    }

    private sealed record Received(TensorDType First, bool[] Came, float[] Values)
    {
        /// <summary>The type of all that came, or float32 where they differ.</summary>
        public TensorDType Held { get; private set; } = First;

        public bool TryAdd(ulong offset, float[] values, TensorDType held)
        {
            if (offset > (ulong)Came.Length || (ulong)values.Length > (ulong)Came.Length - offset)
            {
                return false;
            }

            var places = Came.AsSpan((int)offset, values.Length);
            if (places.Contains(true))
            {
                return false;
            }

            Held = values.Length > 0 && held != Held ? TensorDType.Float32 : Held;
            places.Fill(true);
            values.CopyTo(Values.AsSpan((int)offset));
            return true;
        }
    }
}
