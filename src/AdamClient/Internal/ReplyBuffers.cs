namespace Adam.Client.Internal;

/// <summary>Where the reply to a batch goes, checked against the tensors of the session.</summary>
internal sealed class ReplyBuffers
{
    private readonly IReadOnlyList<TensorMemory> _buffers;
    private readonly bool _leavesSomeOut;
    private long _missing;

    private ReplyBuffers(IReadOnlyList<TensorMemory> buffers, V1.ReplyKind kind, bool leavesSomeOut)
    {
        _buffers = buffers;
        _leavesSomeOut = leavesSomeOut;
        _missing = buffers.Sum(buffer => (long)buffer.Length);
        Kind = kind;
    }

    /// <summary>What is asked for.</summary>
    public V1.ReplyKind Kind { get; }

    /// <exception cref="ArgumentException">Not one buffer for each tensor, one of another length, or buffers for nothing.</exception>
    public static ReplyBuffers Of(IReadOnlyList<TensorMemory>? buffers, ReplyKind kind, IReadOnlyList<TensorSpec> tensors)
    {
        if (buffers is null)
        {
            return new ReplyBuffers([], V1.ReplyKind.None, leavesSomeOut: false);
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

            TensorFit.Check(buffers[i], i, tensors, "buffer");
        }

        return leftOut == buffers.Count && leftOut > 0
            ? new ReplyBuffers([], V1.ReplyKind.None, leavesSomeOut: false)
            : new ReplyBuffers(buffers, StepMapping.ToWire(kind), leftOut > 0);
    }

    /// <summary>What the batch asks for.</summary>
    public V1.ReplySpec ToWire()
    {
        var spec = new V1.ReplySpec { Kind = Kind };
        if (_leavesSomeOut)
        {
            spec.Tensors = new V1.TensorIndexes();
            spec.Tensors.Indexes.Add(Enumerable.Range(0, _buffers.Count).Where(i => !_buffers[i].IsEmpty).Select(i => (uint)i));
        }

        return spec;
    }

    /// <summary>Copies a chunk of the reply to its place.</summary>
    public void Put(V1.TensorChunk chunk)
    {
        if (chunk.TensorIndex >= (uint)_buffers.Count)
        {
            throw ErrorTranslator.BrokenContract($"The reply has a chunk of tensor {chunk.TensorIndex}, which was not asked for.");
        }

        _missing -= TensorChunks.Put(chunk, _buffers[(int)chunk.TensorIndex]);
        V1.TensorPayload.Release(chunk.Data);
    }

    /// <summary>Checks that everything came.</summary>
    public void Finish()
    {
        if (_missing != 0)
        {
            throw ErrorTranslator.BrokenContract($"The service ended a reply with {_missing} elements missing.");
        }
    }
}
