using System.Buffers;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>
/// The batch that a stream is receiving. What is wrong with it is remembered until its commit, where it becomes the batch's
/// result: a bad batch does not end the stream.
/// </summary>
internal sealed class IncomingBatch(
    SessionDefinition session, ReplyPlan defaultReply, int chunkBytesMax, MemoryBudget budget, StagingMemory staging) : ITensorSink, IDisposable
{
    private bool _begun;
    private ulong _sequence;
    private SharedGradients? _shared;
    private BatchAssembly? _assembly;
    private ServiceException? _refusal;
    private bool _hasTaken;

    /// <summary>Whether a batch has begun that is not committed.</summary>
    public bool IsOpen => _begun;

    /// <summary>Begins a batch. One that was begun before and not committed is dropped.</summary>
    public void Begin(BatchBegin begin)
    {
        Drop();
        _begun = true;
        _sequence = begin.Sequence;
        _shared = begin.SharedGradients;
        Attempt(() => _assembly = new BatchAssembly(begin, null, defaultReply, session, chunkBytesMax, budget, staging));
    }

    /// <summary>Takes a part of a gradient from where it was received straight to its place, where that can be done.</summary>
    public bool TryTake(TensorChunk chunk, in ReadOnlySequence<byte> elements)
    {
        if (!_begun || _refusal is not null)
        {
            return false;
        }

        try
        {
            ChunkLimit.ThrowIfExceeded(chunk.TensorIndex, elements.Length, chunkBytesMax);
            _hasTaken = _assembly!.TryAdd(chunk, elements);
        }
        catch (ServiceException refusal)
        {
            Refuse(refusal);
            _hasTaken = true;
        }

        return _hasTaken;
    }

    /// <summary>Adds a part of a gradient, unless it has been taken already.</summary>
    /// <exception cref="ServiceException">PROTOCOL_VIOLATION: no batch has begun.</exception>
    public void Add(TensorChunk chunk)
    {
        if (_hasTaken)
        {
            _hasTaken = false;
            return;
        }

        ThrowIfNotBegun("chunk");
        if (_refusal is null)
        {
            Attempt(() =>
            {
                ChunkLimit.ThrowIfExceeded(chunk, chunkBytesMax);
                _assembly!.Add(chunk);
            });
        }
    }

    /// <summary>Whether the batch that has begun is whole: its gradients lie in shared memory.</summary>
    public bool IsWhole => _shared is not null;

    /// <summary>Closes a batch whose gradients lie in shared memory.</summary>
    /// <param name="lease">Whose memory it is.</param>
    public (ulong Sequence, StagedBatch? Staged, ServiceException? Refusal) CommitShared(WorkerLease lease)
    {
        StagedBatch? staged = null;
        if (_refusal is null)
        {
            Attempt(() => staged = _assembly!.Complete(_shared!.Commit, SharedBatches.RegionOf(lease)));
        }

        var result = (_sequence, staged, _refusal);
        Drop();
        return result;
    }

    /// <summary>Closes the batch: either it is complete and its buffers are the caller's, or it is refused.</summary>
    /// <exception cref="ServiceException">PROTOCOL_VIOLATION: no batch has begun.</exception>
    public (ulong Sequence, StagedBatch? Staged, ServiceException? Refusal) Commit(BatchCommit commit)
    {
        ThrowIfNotBegun("commit");
        StagedBatch? staged = null;
        if (_refusal is null)
        {
            Attempt(() => staged = _assembly!.Complete(commit));
        }

        var result = (_sequence, staged, _refusal);
        Drop();
        return result;
    }

    public void Dispose() => Drop();

    private void Attempt(Action step)
    {
        try
        {
            step();
        }
        catch (ServiceException refusal)
        {
            Refuse(refusal);
        }
    }

    // The rest of a refused batch is read and forgotten; its memory is not needed any more.
    private void Refuse(ServiceException refusal)
    {
        _refusal = refusal;
        _assembly?.Dispose();
        _assembly = null;
    }

    private void Drop()
    {
        _assembly?.Dispose();
        (_begun, _sequence, _shared, _assembly, _refusal) = (false, 0, null, null, null);
    }

    private void ThrowIfNotBegun(string message)
    {
        if (!_begun)
        {
            throw new ServiceException(ErrorReason.ProtocolViolation, $"Train: {message} came before begin. Begin a batch first.");
        }
    }
}
