using System.Globalization;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Sessions;

/// <summary>The workers of a session. Touched by the session's loop only.</summary>
/// <param name="bounds">How many there may be.</param>
/// <param name="epochsAbove">What all epochs are above: those of earlier starts must not come back.</param>
internal sealed class WorkerTable(SessionBounds bounds, ulong epochsAbove = 0)
{
    private readonly SortedDictionary<string, Worker> _workers = new(StringComparer.Ordinal);

    // One counter for all workers, so that an epoch never comes back, even when its worker is forgotten and comes again.
    private ulong _lastEpoch = epochsAbove;

    /// <summary>Raised whenever a worker comes, goes, or gets another stream.</summary>
    public ulong Revision { get; private set; }

    /// <summary>All workers, in order of their ids.</summary>
    public IEnumerable<Worker> All => _workers.Values;

    /// <summary>The worker, or null if it never came.</summary>
    public Worker? Find(string workerId) => _workers.GetValueOrDefault(workerId);

    /// <summary>The worker; a new one, which the table does not know yet, if it never came.</summary>
    /// <exception cref="ServiceException">LIMIT_EXCEEDED: it would be new and there is no room for it.</exception>
    public Worker FindOrMake(string workerId)
    {
        if (_workers.TryGetValue(workerId, out var worker))
        {
            return worker;
        }

        if (_workers.Count >= bounds.WorkersMax)
        {
            var what = $"The session already knows {_workers.Count} workers and '{workerId}' would be one more";
            throw bounds.HasOwnWorkersMax
                ? LimitExceeded.OfSession(what, "workers_max", bounds.WorkersMax)
                : LimitExceeded.Of(what, nameof(LimitsOptions.WorkersPerSessionMax), bounds.WorkersMax);
        }

        return new Worker(workerId);
    }

    /// <summary>The worker; a new one, which the table does not know yet, if it never came. For batches that were taken before: no limit applies.</summary>
    /// <param name="workerId">The worker.</param>
    /// <param name="epoch">The highest epoch that it had when the batch was taken.</param>
    public Worker FindOrRecall(string workerId, ulong epoch)
    {
        var worker = Find(workerId) ?? new Worker(workerId);
        worker.TrainedEpoch = Math.Max(worker.TrainedEpoch, epoch);
        _lastEpoch = Math.Max(_lastEpoch, epoch);
        return worker;
    }

    /// <summary>Keeps a worker whose batch was decided, or whose stream is open.</summary>
    public void Keep(Worker worker)
    {
        Revision += _workers.TryAdd(worker.Id, worker) ? 1ul : 0;

        // Of a session that comes from elsewhere they may be above all that this service has given.
        _lastEpoch = Math.Max(_lastEpoch, worker.TrainedEpoch);
    }

    /// <summary>Forgets all workers. Their streams are fenced: nothing that they send is taken any more.</summary>
    public void Clear()
    {
        foreach (var worker in _workers.Values)
        {
            worker.Epoch = ++_lastEpoch;
            worker.Lease?.Fence(worker.Epoch);
            worker.Lease = null;
        }

        _workers.Clear();
    }

    /// <summary>Gives the worker to a new stream.</summary>
    /// <param name="workerId">The worker.</param>
    /// <param name="takeover">Whether an older stream is ended.</param>
    /// <param name="knownEpoch">The highest epoch that the caller knows of; null if it is not to be compared.</param>
    /// <param name="opener">By which the caller knows its own streams; empty if it does not.</param>
    /// <exception cref="ServiceException">
    /// WORKER_FENCED: somebody else has got an epoch above <paramref name="knownEpoch"/>. WORKER_BUSY: it has a stream and <paramref name="takeover"/> is false.
    /// </exception>
    public WorkerLease Open(string workerId, bool takeover, ulong? knownEpoch, ByteString opener)
    {
        var worker = FindOrMake(workerId);
        if (knownEpoch < worker.HighestEpoch && (opener.IsEmpty || opener != worker.Opener))
        {
            throw Fenced(workerId, knownEpoch.Value, worker.HighestEpoch);
        }

        var older = worker.Lease;
        if (older is not null && !takeover)
        {
            throw new ServiceException(
                ErrorReason.WorkerBusy,
                $"Worker '{workerId}' has an open stream (epoch {older.Epoch}). Give each trainer a worker id of its own, or set "
                + "takeover to end that stream.",
                ("worker_id", workerId));
        }

        Keep(worker);
        Revision++;
        (worker.Epoch, worker.Opener) = (++_lastEpoch, opener);
        worker.Lease = new WorkerLease(worker, worker.Epoch);
        older?.Fence(worker.Epoch);
        return worker.Lease;
    }

    /// <summary>Ends a stream's hold, unless a newer stream has it already. A worker that never trained is forgotten.</summary>
    public void Close(WorkerLease lease)
    {
        if (!ReferenceEquals(lease.Worker.Lease, lease))
        {
            return;
        }

        Revision++;
        lease.Worker.Lease = null;
        if (lease.Worker.NextSequence == 1)
        {
            _workers.Remove(lease.Worker.Id);
        }
    }

    /// <summary>Refuses a caller that a newer stream has fenced.</summary>
    public static void CheckEpoch(Worker worker, ulong epoch)
    {
        if (epoch != worker.Epoch)
        {
            throw Fenced(worker.Id, epoch, worker.Epoch);
        }
    }

    /// <summary>The refusal of a stream that has been taken over.</summary>
    public static ServiceException Fenced(string workerId, ulong epoch, ulong presentEpoch) => new(
        ErrorReason.WorkerFenced,
        $"Worker '{workerId}' of epoch {epoch} has been taken over by a stream of epoch {presentEpoch}. Open again with takeover to get it "
        + "back.",
        ("worker_id", workerId),
        ("worker_epoch", presentEpoch.ToString(CultureInfo.InvariantCulture)));
}
