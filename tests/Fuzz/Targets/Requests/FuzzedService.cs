using Adam.Engine;
using Adam.Fuzz.Oracles;
using Adam.Service.Configuration;
using Adam.Service.Connections;
using Adam.Service.ControlPlane;
using Adam.Service.DataPlane;
using Adam.Service.Durability;
using Adam.Service.Limits;
using Adam.Service.Recovery;
using Adam.Service.Sessions;
using Adam.Service.SharedMemory;
using Adam.Service.Storage.Files;
using Adam.Service.Threads;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Adam.Fuzz.Targets.Requests;

/// <summary>The service without sockets: everything behind the reader of messages, as the host puts it together.</summary>
#pragma warning disable CA1001 // What it owns is disposed of by EndAsync.
internal sealed class FuzzedService
#pragma warning restore CA1001
{
    private readonly SessionRegistry _registry;
    private readonly MemoryBudget _budget;
    private readonly OpenBatches _open;
    private readonly PastStates _past;

    public FuzzedService(EngineThreads threads, StepThreads stepThreads)
    {
        var limits = new ServiceLimits();
        var clock = new StoppedClock();
        var sharedMemory = Options.Create(new SharedMemoryOptions());
        var durability = Options.Create(new DurabilityOptions());
        var starts = new StartCount();
        _budget = new MemoryBudget(limits);
        _registry = new SessionRegistry(limits);
        var factory = new SessionFactory(limits, durability, _budget, threads, stepThreads, starts, clock);
        var directory = new DataDirectory(durability, FileSystem.Linux, starts);
        var expiry = new IdleExpiry(_registry, clock, NullLogger<IdleExpiry>.Instance);
        var snapshots = new SnapshotStore(
            directory, durability, clock, NullLogger<SnapshotStore>.Instance);
        var logs = new SessionLogs();
        _past = new PastStates(directory, snapshots, logs, factory, _budget, NullLogger<PastStates>.Instance);
        var stop = new ServiceStop(new EndlessLifetime(), Options.Create(new ServerOptions()), clock);
        Sessions = new SessionsService(
            _registry,
            factory,
            new EstimateSessionCall(_registry, factory, new StepCalibration(threads, stepThreads, _budget, clock)),
            new DeleteSessionsCall(_registry, NullLogger<DeleteSessionsCall>.Instance),
            new WatchSessionCall(_registry, stop, clock),
            new ForkSessionCall(
                _registry,
                factory,
                _past,
                _budget,
                stepThreads,
                expiry,
                durability,
                clock,
                NullLogger<ForkSessionCall>.Instance),
            expiry,
            snapshots,
            new SetAsideErasure(_registry, snapshots, logs),
            limits,
            NullLogger<SessionsService>.Instance);
        Train = new TrainCall(_registry, _budget, limits, Options.Create(new ServerOptions()), stop, NullLogger<TrainCall>.Instance);
        _open = new OpenBatches(limits, clock);
        Training = new TrainingService(
            _registry,
            Train,
            new StepCall(_registry, _budget, limits),
            new OpenBatchCalls(_registry, _open, _budget, limits),
            new ReadTensorsCall(_registry, limits),
            new WriteTensorsCall(_registry, limits),
            new OpenSharedMemoryCall(
                _registry, new RegionBudget(sharedMemory), new Handovers(sharedMemory, clock), sharedMemory, NullLogger<OpenSharedMemoryCall>.Instance),
            stop);
    }

    /// <summary>The control plane.</summary>
    public SessionsService Sessions { get; }

    /// <summary>The data plane.</summary>
    public TrainingService Training { get; }

    /// <summary>The stream of training, which its service gives the connection's patience.</summary>
    public TrainCall Train { get; }

    /// <summary>Deletes all sessions, and sees that nothing is left of them.</summary>
    public async Task EndAsync()
    {
        foreach (var session in _registry.All.ToList())
        {
            await _registry.RemoveAsync(session);
        }

        // What is open goes with its session, on a thread of its own.
        _open.Dispose();
        _past.Dispose();
        OracleException.ThrowUnless(_budget.ReservedBytes == 0, $"{_budget.ReservedBytes} bytes stay reserved.");
    }
}
