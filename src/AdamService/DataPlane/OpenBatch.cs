using Adam.Service.Sessions;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.DataPlane;

/// <summary>
/// A batch between BeginBatch and CommitBatch. Calls on it come from any thread and take turns. It drops itself when it was not used for a while.
/// </summary>
internal sealed class OpenBatch : IDisposable
{
    // Below it a timer would not wait at all.
    private static readonly TimeSpan TimerStep = TimeSpan.FromMilliseconds(1);

    private readonly BatchAssembly _assembly;
    private readonly TimeProvider _time;
    private readonly TimeSpan _idleMax;
    private readonly ITimer _deadline;
    private readonly Lock _lock = new();
    private long _lastUsed;
    private bool _isGone;

    /// <summary>Opens a batch.</summary>
    /// <param name="session">The session that it is for.</param>
    /// <param name="workerId">Whose it is.</param>
    /// <param name="workerEpoch">The epoch that the worker had when it was begun.</param>
    /// <param name="token">By which clients name it.</param>
    /// <param name="bytes">What it counts among the open batches of its session.</param>
    /// <param name="assembly">What has come of it, which it owns from now on.</param>
    /// <param name="time">The clock.</param>
    /// <param name="idleMax">How long it may lie unused.</param>
    /// <param name="expired">Called when it was not used for so long.</param>
    public OpenBatch(
        SessionActor session,
        string workerId,
        ulong workerEpoch,
        ByteString token,
        UInt128 bytes,
        BatchAssembly assembly,
        TimeProvider time,
        TimeSpan idleMax,
        Action<OpenBatch> expired)
    {
        (Session, WorkerId, WorkerEpoch, Token, Bytes) = (session, workerId, workerEpoch, token, bytes);
        (_assembly, _time, _idleMax, _lastUsed) = (assembly, time, idleMax, time.GetTimestamp());
        _deadline = time.CreateTimer(_ => ExpireIfUnused(expired), null, idleMax, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The session.</summary>
    public SessionActor Session { get; }

    /// <summary>The worker.</summary>
    public string WorkerId { get; }

    /// <summary>The epoch of the worker: with another one the batch is fenced.</summary>
    public ulong WorkerEpoch { get; }

    /// <summary>The token.</summary>
    public ByteString Token { get; }

    /// <summary>What it counts among the open batches of its session.</summary>
    public UInt128 Bytes { get; }

    /// <summary>Adds chunks, all or none.</summary>
    /// <returns>Elements that are still missing.</returns>
    /// <exception cref="Errors.ServiceException">One does not fit, or the batch is gone.</exception>
    public UInt128 Stage(IReadOnlyList<TensorChunk> chunks, int chunkBytesMax)
    {
        lock (_lock)
        {
            Enter();
            _assembly.AddAll(chunks, chunkBytesMax);
            return _assembly.MissingCount;
        }
    }

    /// <summary>Closes the batch. Its buffers are the caller's then, and the batch is gone.</summary>
    /// <exception cref="Errors.ServiceException">It is incomplete or has another digest, and stays open; or it is gone.</exception>
    public StagedBatch Complete(BatchCommit? commit)
    {
        lock (_lock)
        {
            Enter();
            var staged = _assembly.Complete(commit);
            _isGone = true;
            return staged;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isGone = true;
            _assembly.Dispose();
        }

        _deadline.Dispose();
    }

    private void Enter()
    {
        if (_isGone)
        {
            throw OpenBatches.NotFound();
        }

        _lastUsed = _time.GetTimestamp();
        _deadline.Change(_idleMax, Timeout.InfiniteTimeSpan);
    }

    // Timers may fire a little early, and a call may have come meanwhile: the rest of the time is waited for once more.
    private void ExpireIfUnused(Action<OpenBatch> expired)
    {
        lock (_lock)
        {
            var rest = _idleMax - _time.GetElapsedTime(_lastUsed);
            if (rest > TimeSpan.Zero)
            {
                _deadline.Change(rest + TimerStep, Timeout.InfiniteTimeSpan);
                return;
            }

            _isGone = true;
        }

        expired(this);
    }
}
