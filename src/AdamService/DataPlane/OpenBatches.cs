using System.Security.Cryptography;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace Adam.Service.DataPlane;

/// <summary>All batches between BeginBatch and CommitBatch, by token. A session's batches go when it ends.</summary>
internal sealed class OpenBatches(IOptions<LimitsOptions> limits, TimeProvider time) : IDisposable
{
    private const int TokenBytes = 32;
    private const int ElementBytesMax = sizeof(float);

    private readonly Lock _lock = new();
    private readonly Dictionary<ByteString, OpenBatch> _batches = [];
    private readonly Dictionary<SessionActor, SessionShare> _shares = [];

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _batches.Count;
            }
        }
    }

    /// <summary>Opens a batch.</summary>
    /// <param name="session">The session.</param>
    /// <param name="workerId">The worker.</param>
    /// <param name="workerEpoch">Its present epoch.</param>
    /// <param name="assembly">The batch, of which nothing has come yet. It is the open batch's from now on, unless this throws.</param>
    /// <exception cref="ServiceException">LIMIT_EXCEEDED: the session has too many, or too large ones.</exception>
    public OpenBatch Add(SessionActor session, string workerId, ulong workerEpoch, BatchAssembly assembly)
    {
        var bytes = assembly.MissingCount * ElementBytesMax;
        var token = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(TokenBytes));
        OpenBatch batch;
        bool isFirst;
        lock (_lock)
        {
            var share = _shares.GetValueOrDefault(session) ?? new SessionShare();
            ThrowIfTooMany(session, share, bytes);
            var idleMax = TimeSpan.FromSeconds(limits.Value.OpenBatchIdleSeconds);
            batch = new OpenBatch(session, workerId, workerEpoch, token, bytes, assembly, time, idleMax, Remove);
            _batches.Add(token, batch);
            _shares[session] = share;
            share.Count++;
            share.Bytes += bytes;
            (isFirst, share.IsWatched) = (!share.IsWatched, true);
        }

        // Outside the lock: if the session has ended meanwhile, this removes the batch at once.
        if (isFirst)
        {
            session.Ended.UnsafeRegister(static (state, _) => ((Action)state!)(), (Action)(() => RemoveAll(session)));
        }
        else if (session.Ended.IsCancellationRequested)
        {
            RemoveAll(session);
        }

        return batch;
    }

    /// <summary>The batch that a client means.</summary>
    /// <exception cref="ServiceException">INVALID_FIELD: no token. BATCH_NOT_FOUND: none of this token.</exception>
    public OpenBatch Get(ByteString token)
    {
        if (token.IsEmpty)
        {
            throw new ServiceException(
                ErrorReason.InvalidField, "batch_token: send the token that BeginBatch returned.", ("fields", "batch_token"));
        }

        lock (_lock)
        {
            return _batches.GetValueOrDefault(token) ?? throw NotFound();
        }
    }

    /// <summary>Takes a batch out and drops what it still holds.</summary>
    public void Remove(OpenBatch batch)
    {
        lock (_lock)
        {
            if (_batches.Remove(batch.Token) && _shares.TryGetValue(batch.Session, out var share))
            {
                share.Count--;
                share.Bytes -= batch.Bytes;
            }
        }

        batch.Dispose();
    }

    public void Dispose()
    {
        foreach (var batch in TakeOut(_ => true))
        {
            batch.Dispose();
        }
    }

    /// <summary>The refusal of a token that names nothing.</summary>
    public static ServiceException NotFound() => new(
        ErrorReason.BatchNotFound,
        "No batch is open under this batch_token: it was committed, was not used for too long, or went with its session. Ask GetBatchResult what "
        + "became of it, or begin it again.");

    private void RemoveAll(SessionActor session)
    {
        foreach (var batch in TakeOut(batch => ReferenceEquals(batch.Session, session)))
        {
            batch.Dispose();
        }

        lock (_lock)
        {
            _shares.Remove(session);
        }
    }

    private List<OpenBatch> TakeOut(Predicate<OpenBatch> wanted)
    {
        lock (_lock)
        {
            List<OpenBatch> taken = [.. _batches.Values.Where(batch => wanted(batch))];
            taken.ForEach(batch => _batches.Remove(batch.Token));
            return taken;
        }
    }

    private void ThrowIfTooMany(SessionActor session, SessionShare share, UInt128 bytes)
    {
        var (countMax, configured) = (limits.Value.OpenBatchesPerSessionMax, limits.Value.OpenBatchBytesPerSessionMax);
        if (share.Count >= countMax)
        {
            throw LimitExceeded.Of(
                $"Session '{session.Definition.SessionId}' has {share.Count} batches open between BeginBatch and CommitBatch: commit them before "
                + "the next is begun",
                nameof(LimitsOptions.OpenBatchesPerSessionMax),
                countMax);
        }

        var bytesMax = configured > 0 ? configured : (long)UInt128.Min((UInt128)session.Definition.StateBytes * 2, long.MaxValue);
        if (share.Bytes + bytes > (UInt128)bytesMax)
        {
            throw LimitExceeded.Of(
                $"Session '{session.Definition.SessionId}' has open batches of {share.Bytes} bytes between BeginBatch and CommitBatch, and this one "
                + $"would have {bytes}: commit them before the next is begun",
                nameof(LimitsOptions.OpenBatchBytesPerSessionMax),
                bytesMax);
        }
    }

    // What the open batches of a session come to. It stays once there was one, so that the session's end is waited for once.
    private sealed class SessionShare
    {
        public int Count { get; set; }

        public UInt128 Bytes { get; set; }

        public bool IsWatched { get; set; }
    }
}
