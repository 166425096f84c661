using System.Globalization;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>The workers of a session. Touched by the session's loop only.</summary>
internal sealed class WorkerTable(int workersMax)
{
    private readonly SortedDictionary<string, Worker> _workers = new(StringComparer.Ordinal);

    /// <summary>All workers, in order of their ids.</summary>
    public IEnumerable<Worker> All => _workers.Values;

    /// <summary>The worker, or null if it never came.</summary>
    public Worker? Find(string workerId) => _workers.GetValueOrDefault(workerId);

    /// <summary>The worker, made now if it never came.</summary>
    public Worker GetOrAdd(string workerId)
    {
        if (_workers.TryGetValue(workerId, out var worker))
        {
            return worker;
        }

        if (_workers.Count >= workersMax)
        {
            throw LimitExceeded.Of(
                $"The session already knows {_workers.Count} workers and '{workerId}' would be one more",
                nameof(LimitsOptions.WorkersPerSessionMax),
                workersMax);
        }

        worker = new Worker(workerId);
        _workers.Add(workerId, worker);
        return worker;
    }

    /// <summary>Gives the worker to a new stream.</summary>
    /// <exception cref="ServiceException">WORKER_BUSY: it has one and <paramref name="takeover"/> is false.</exception>
    public WorkerLease Open(string workerId, bool takeover)
    {
        var worker = GetOrAdd(workerId);
        if (worker.Lease is { } older)
        {
            if (!takeover)
            {
                throw new ServiceException(
                    ErrorReason.WorkerBusy,
                    $"Worker '{workerId}' has an open stream (epoch {older.Epoch}). Give each trainer a worker id of its own, or set "
                    + "takeover to end that stream.",
                    ("worker_id", workerId));
            }

            older.Fence();
        }

        worker.Epoch++;
        worker.Lease = new WorkerLease(worker, worker.Epoch);
        return worker.Lease;
    }

    /// <summary>Ends a stream's hold, unless a newer stream has it already.</summary>
    public static void Close(WorkerLease lease)
    {
        if (ReferenceEquals(lease.Worker.Lease, lease))
        {
            lease.Worker.Lease = null;
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
