using System.Buffers;
using System.Collections.Immutable;
using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.SharedMemory;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.DataPlane;

/// <summary>A batch between its begin and its commit. Nothing of the session is touched before <see cref="Complete(BatchCommit?)"/> succeeds.</summary>
internal sealed class BatchAssembly : IDisposable
{
    /// <summary>The largest <c>client_cursor</c>, in bytes.</summary>
    public const int ClientCursorBytesMax = 4096;

    private readonly BatchBegin _begin;
    private readonly SessionDefinition _session;
    private readonly MemoryBudget _budget;
    private readonly StagingMemory _staging;
    private readonly ImmutableArray<int> _manifest;
    private readonly Engine.StepOverrides[] _overrides;
    private readonly HashSet<int>? _listed;
    private readonly Dictionary<int, TensorStage> _stages = [];
    private readonly Dictionary<int, RowStage> _rows = [];

    /// <summary>Checks the begin of a batch.</summary>
    /// <param name="begin">What the client said.</param>
    /// <param name="otherwiseListed">The manifest if the begin names none; null makes that an error.</param>
    /// <param name="defaultReply">What comes back if the begin does not say; null for the contract's default.</param>
    /// <param name="session">The session.</param>
    /// <param name="chunkBytesMax">The service's largest chunk.</param>
    /// <param name="budget">Where memory for the reply is counted.</param>
    /// <param name="staging">Where memory for the gradients comes from.</param>
    public BatchAssembly(
        BatchBegin begin,
        TensorIndexes? otherwiseListed,
        ReplyPlan? defaultReply,
        SessionDefinition session,
        int chunkBytesMax,
        MemoryBudget budget,
        StagingMemory staging)
    {
        ThrowIfNotImplemented(begin);
        if (begin.Sequence == 0)
        {
            throw new ServiceException(
                ErrorReason.InvalidField, "begin.sequence: batches are numbered from 1; this one has no number.", ("fields", "begin.sequence"));
        }

        _begin = begin;
        _session = session;
        _budget = budget;
        _staging = staging;
        _manifest = ReadManifest(begin, otherwiseListed, session);
        _overrides = OverridesReader.Read(begin.Overrides, session);
        Reply = ReplyPlan.Read(begin.Reply, defaultReply, session, chunkBytesMax, "begin.reply");

        // Null for all of them: a begin of a few bytes must not cost a set of all tensors.
        var isPlain = begin.TensorsCase == BatchBegin.TensorsOneofCase.AllTensors && _manifest.Length == session.Tensors.Length;
        _listed = isPlain ? null : [.. _manifest];
    }

    /// <summary>What comes back.</summary>
    public ReplyPlan Reply { get; }

    /// <summary>Elements of the manifest that have not come yet.</summary>
    public UInt128 MissingCount => _manifest.Aggregate(
        UInt128.Zero,
        (sum, index) => sum + (UInt128)(
            _stages.TryGetValue(index, out var stage) ? stage.MissingCount
            : _rows.TryGetValue(index, out var rows) ? rows.MissingCount
            : _session.Tensors[index].ElementCount));

    /// <summary>Adds a part of a gradient.</summary>
    /// <exception cref="ServiceException">It is not listed, or does not fit its tensor.</exception>
    public void Add(TensorChunk chunk)
    {
        ThrowIfNotImplemented(chunk);
        if (chunk.RowIds is { } rows)
        {
            AddRows(chunk.TensorIndex, chunk.Slot, chunk.Dtype, chunk.Offset, rows, chunk.Data, "chunk");
            return;
        }

        var (stage, encoding) = StageFor(chunk.TensorIndex, chunk.Slot, chunk.Dtype, "chunk");
        stage.Add(chunk.Offset, encoding, chunk.Data);
    }

    /// <summary>Adds a part of a gradient whose data is not in the chunk.</summary>
    /// <param name="chunk">The chunk without its data.</param>
    /// <param name="elements">The data.</param>
    /// <returns>False if the data has to lie in one piece for that: nothing was added.</returns>
    /// <exception cref="ServiceException">It is not listed, or does not fit its tensor.</exception>
    public bool TryAdd(TensorChunk chunk, in ReadOnlySequence<byte> elements)
    {
        ThrowIfNotImplemented(chunk);
        if (chunk.RowIds is not null)
        {
            return false;
        }

        var (stage, encoding) = StageFor(chunk.TensorIndex, chunk.Slot, chunk.Dtype, "chunk");
        if (!stage.MayAdd(encoding, elements))
        {
            return false;
        }

        stage.Add(chunk.Offset, encoding, elements);
        return true;
    }

    private static void ThrowIfNotImplemented(TensorChunk chunk)
    {
        if (chunk.Codec is not null)
        {
            throw NotImplemented.Field("chunk.codec", "Send raw elements.");
        }
    }

    /// <summary>Adds parts of gradients, all of them or none.</summary>
    /// <exception cref="ServiceException">One is not listed, or does not fit its tensor; nothing was added.</exception>
    public void AddAll(IReadOnlyList<TensorChunk> chunks, int chunkBytesMax)
    {
        var before = new Dictionary<int, CoverageMark?>();
        foreach (var chunk in chunks)
        {
            var index = unchecked((int)chunk.TensorIndex);
            before.TryAdd(index, MarkOf(index));
        }

        try
        {
            foreach (var chunk in chunks)
            {
                ChunkLimit.ThrowIfExceeded(chunk, chunkBytesMax);
                Add(chunk);
            }
        }
        catch
        {
            foreach (var (index, mark) in before)
            {
                GoBack(index, mark);
            }

            throw;
        }
    }

    /// <summary>Adds a whole gradient.</summary>
    /// <exception cref="ServiceException">It is not listed, came before, or does not fit its tensor.</exception>
    public void Add(TensorData gradient)
    {
        if (gradient.RowIds is { } rows)
        {
            if (_rows.ContainsKey(unchecked((int)gradient.TensorIndex)))
            {
                throw Twice(gradient);
            }

            AddRows(gradient.TensorIndex, gradient.Slot, gradient.Dtype, 0, rows, gradient.Data, "gradients");
            return;
        }

        var (stage, encoding) = StageFor(gradient.TensorIndex, gradient.Slot, gradient.Dtype, "gradients");
        if (stage.IsStarted)
        {
            throw Twice(gradient);
        }

        stage.AddWhole(encoding, gradient.Data);
    }

    private ServiceException Twice(TensorData gradient) => new(
        ErrorReason.InvalidField,
        $"gradients: tensor '{_session.Tensors[(int)gradient.TensorIndex].Path}' came twice; send each gradient once.",
        ("fields", "gradients"));

    private void AddRows(uint tensorIndex, Slot slot, DType dtype, ulong place, RowIds rows, ByteString data, string field)
    {
        var (index, encoding) = Check(tensorIndex, slot, dtype, field);
        if (_stages.ContainsKey(index))
        {
            throw Mixed(index);
        }

        if (!_rows.TryGetValue(index, out var stage))
        {
            stage = new RowStage(_session.Tensors[index], encoding.Held, _staging);
            _rows.Add(index, stage);
        }

        stage.Add(place, rows.Ids, encoding, data);
    }

    private ServiceException Mixed(int index) => new(
        ErrorReason.TensorMismatch,
        $"Tensor '{_session.Tensors[index].Path}': a gradient is dense or a list of rows, but chunks with row_ids and chunks without came. Send all of "
        + "them in one form.",
        ("tensor", _session.Tensors[index].Path));

    private CoverageMark? MarkOf(int index) =>
        _stages.TryGetValue(index, out var stage) ? stage.Mark()
        : _rows.TryGetValue(index, out var rows) ? rows.Mark()
        : null;

    private void GoBack(int index, CoverageMark? mark)
    {
        if (mark is { } earlier)
        {
            _stages.GetValueOrDefault(index)?.GoBackTo(earlier);
            _rows.GetValueOrDefault(index)?.GoBackTo(earlier);
            return;
        }

        if (_stages.Remove(index, out var stage))
        {
            stage.Dispose();
        }

        if (_rows.Remove(index, out var rows))
        {
            rows.Dispose();
        }
    }

    private (TensorStage Stage, ElementEncoding Encoding) StageFor(uint tensorIndex, Slot slot, DType dtype, string field)
    {
        var (index, encoding) = Check(tensorIndex, slot, dtype, field);
        if (_rows.ContainsKey(index))
        {
            throw Mixed(index);
        }

        if (!_stages.TryGetValue(index, out var stage))
        {
            stage = new TensorStage(_session.Tensors[index], encoding.Held, _staging);
            _stages.Add(index, stage);
        }

        return (stage, encoding);
    }

    private (int Index, ElementEncoding Encoding) Check(uint tensorIndex, Slot slot, DType dtype, string field)
    {
        var index = _session.CheckIndex(tensorIndex, $"{field}.tensor_index");
        if (_listed is not null && !_listed.Contains(index))
        {
            throw new ServiceException(
                ErrorReason.TensorMismatch,
                $"Tensor '{_session.Tensors[index].Path}' (index {index}) is not in the manifest of batch {_begin.Sequence}. List it in begin, or do not "
                + "send it.",
                ("tensor", _session.Tensors[index].Path));
        }

        if (slot != Slot.Unspecified)
        {
            throw new ServiceException(
                ErrorReason.InvalidField, $"{field}.slot: a gradient belongs to no slot; leave it out.", ("fields", $"{field}.slot"));
        }

        return (index, TensorWire.GradientEncoding(dtype, _session.Tensors[index], $"{field}.dtype"));
    }

    /// <summary>Closes a batch whose gradients lie in shared memory: copies them, if that must be, or leaves them there.</summary>
    /// <param name="commit">What the client said of it.</param>
    /// <param name="region">Where they lie.</param>
    public StagedBatch Complete(BatchCommit? commit, SharedGradientRegion region)
    {
        if (!SharedBatches.MustCopy(_session, commit))
        {
            return Close(commit, [], (region, _manifest));
        }

        foreach (var index in _manifest)
        {
            var stage = new TensorStage(_session.Tensors[index], TensorWire.GradientType(_session.Tensors[index]), _staging);
            _stages.Add(index, stage);
            stage.AddWhole(elements => SharedBatches.Copy(region, index, elements));
        }

        return Complete(commit);
    }

    /// <summary>Closes the batch: checks that every listed tensor is complete and hands the buffers over.</summary>
    public StagedBatch Complete(BatchCommit? commit)
    {
        ThrowIfCursorTooLong(commit);
        foreach (var index in _manifest)
        {
            var tensor = _session.Tensors[index];
            if (_stages.TryGetValue(index, out var stage))
            {
                stage.ThrowIfIncomplete();
            }
            else if (_rows.TryGetValue(index, out var rows))
            {
                rows.ThrowIfIncomplete();
            }
            else if (tensor.ElementCount > 0)
            {
                throw TensorStage.Incomplete(tensor, 0, 0);
            }
            else
            {
                _stages[index] = new TensorStage(tensor, TensorWire.GradientType(tensor), _staging);
            }
        }

        if (commit?.Digest is { } digest)
        {
            BatchDigests.ThrowIfOther(digest.Crc32C, _begin.Sequence, _manifest, _stages, _rows);
        }

        foreach (var rows in _rows.Values)
        {
            rows.Sum();
        }

        var batch = Close(
            commit, [.. _manifest.Select(index => (index, (IStagedGradient?)_rows.GetValueOrDefault(index) ?? _stages[index]))], null);
        foreach (var rows in _rows.Values)
        {
            rows.DropList();
        }

        _stages.Clear();
        _rows.Clear();
        return batch;
    }

    private StagedBatch Close(
        BatchCommit? commit, IReadOnlyList<(int Tensor, IStagedGradient Stage)> gradients, (SharedGradientRegion, ImmutableArray<int>)? inPlace)
    {
        ThrowIfCursorTooLong(commit);
        return new StagedBatch
        {
            Sequence = _begin.Sequence,
            BaseVersion = _begin.HasBaseVersion ? _begin.BaseVersion : null,
            Gradients = gradients,
            InPlace = inPlace,
            LossScaleUsed = _begin.HasLossScaleUsed ? _begin.LossScaleUsed : null,
            Overrides = _overrides,
            ClientCursor = commit?.ClientCursor ?? ByteString.Empty,
            Digest = commit?.Digest,
            Reply = Reply,
        };
    }

    private static void ThrowIfCursorTooLong(BatchCommit? commit)
    {
        if (commit?.ClientCursor.Length > ClientCursorBytesMax)
        {
            throw new ServiceException(
                ErrorReason.InvalidField,
                $"commit.client_cursor: expected at most {ClientCursorBytesMax} bytes, received {commit.ClientCursor.Length}.",
                ("fields", "commit.client_cursor"));
        }
    }

    /// <summary>Drops what has come.</summary>
    public void Dispose()
    {
        foreach (var stage in _stages.Values)
        {
            stage.Dispose();
        }

        foreach (var rows in _rows.Values)
        {
            rows.Dispose();
        }

        _stages.Clear();
        _rows.Clear();
    }

    private static ImmutableArray<int> ReadManifest(BatchBegin begin, TensorIndexes? otherwiseListed, SessionDefinition session)
    {
        const string Field = "begin.listed_tensors.indexes";
        var listed = begin.TensorsCase == BatchBegin.TensorsOneofCase.ListedTensors ? begin.ListedTensors : otherwiseListed;
        if (begin.TensorsCase == BatchBegin.TensorsOneofCase.AllTensors)
        {
            return session.TrainableIndexes.Length > 0
                ? session.TrainableIndexes
                : throw new ServiceException(
                    ErrorReason.InvalidField,
                    $"begin.all_tensors: session '{session.SessionId}' has no trainable tensor, so there is nothing to train.",
                    ("fields", "begin.all_tensors"));
        }

        if (listed is null)
        {
            throw new ServiceException(
                ErrorReason.InvalidField,
                "begin.tensors: say which gradients come: all_tensors, or listed_tensors in their order.",
                ("fields", "begin.tensors"));
        }

        // Keras refuses a call in which every gradient is None, with these words.
        return listed.Indexes.Count > 0
            ? ThrowIfNotTrainable(ReplyPlan.ReadIndexes(listed, session, Field), session)
            : throw new ServiceException(ErrorReason.InvalidField, $"{Field}: No gradients provided for any variable.", ("fields", Field));
    }

    private static ImmutableArray<int> ThrowIfNotTrainable(ImmutableArray<int> indexes, SessionDefinition session)
    {
        foreach (var index in indexes)
        {
            var tensor = session.Tensors[index];
            if (tensor.Role != VariableRole.Trainable)
            {
                throw new ServiceException(
                    ErrorReason.TensorMismatch,
                    $"Tensor '{tensor.Path}' (index {index}) is {(tensor.Role == VariableRole.Frozen ? "frozen" : "a buffer")} and takes no "
                    + "gradient. Do not list it; write it with WriteTensors if it is to change.",
                    ("tensor", tensor.Path));
            }
        }

        return indexes;
    }

    private static void ThrowIfNotImplemented(BatchBegin begin)
    {
        if (begin.HasSampleWeight)
        {
            throw NotImplemented.Field("begin.sample_weight", "Leave it out: every batch counts once.");
        }

        if (begin.HasRound)
        {
            throw NotImplemented.Field("begin.round", "Leave it out: batches are applied in the order in which they come.");
        }
    }
}
