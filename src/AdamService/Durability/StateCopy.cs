using System.Collections.Immutable;
using Adam.Engine;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Stored = Adam.Storage.V1;

namespace Adam.Service.Durability;

/// <summary>A session as it was at a moment: its record, and a copy of its arrays. Its memory is counted, and given back when it is disposed of.</summary>
internal sealed class StateCopy : IDisposable
{
    private const long Alignment = 64;
    private const long PageBytes = 4096;

    // Some two milliseconds.
    private const long TouchedBytes = 2 << 20;

    private const long LargeBytesMin = 4 << 20;

    private readonly MemoryBudget? _budget;
    private readonly TensorBuffer? _memory;
    private readonly TensorView[] _views;
    private readonly long _bytes;
    private bool _isDisposed;

    private unsafe StateCopy(SessionDefinition session, MemoryBudget budget, string purpose)
    {
        (Session, _budget) = (session, budget);
        Arrays = SessionArrays.Of(session);
        _bytes = Arrays.Sum(static array => Padded(array.ByteCount));
        budget.Reserve(_bytes, purpose);
        try
        {
            _memory = new TensorBuffer(TensorDType.Float16, _bytes / TensorDType.Float16.ElementBytes(), hugePages: false);
        }
        catch
        {
            budget.Release(_bytes);
            throw;
        }

        _views = new TensorView[Arrays.Length];
        var address = (byte*)_memory.View.Address;
        for (var i = 0; i < _views.Length; i++)
        {
            _views[i] = new TensorView(address, Arrays[i].DType, Arrays[i].ElementCount);
            address += Padded(Arrays[i].ByteCount);
        }
    }

    private StateCopy(SessionActor session, SessionCore core)
    {
        Session = session.Definition;
        Arrays = SessionArrays.Of(Session);
        _views = [.. Arrays.Select(array => core.Optimizer.Slot(array.Tensor, array.Slot))];
        Describe(session, core);
        SessionRecord.AddDefinition(State, Session);
    }

    /// <summary>What the session was created as.</summary>
    public SessionDefinition Session { get; }

    /// <summary>Its arrays.</summary>
    public ImmutableArray<SessionArray> Arrays { get; }

    /// <summary>Their elements, in the same order.</summary>
    public IReadOnlyList<TensorView> Elements => _views;

    /// <summary>Its record, without arrays.</summary>
    public Stored.SessionState State { get; private set; } = new();

    /// <summary>Its settings with the learning rates in force.</summary>
    public OptimizerOptions Options { get; private set; } = new();

    /// <summary>Whether writing it takes long enough to be done patiently.</summary>
    public bool IsLarge => _bytes >= LargeBytesMin;

    /// <summary>How fast it is to be written. Null: as fast as can be.</summary>
    public Pace? Pace { get; private init; }

    /// <summary>What had been decided.</summary>
    public long Decisions { get; private set; }

    /// <summary>Copies a session between two of its changes, which wait for no longer than the copy takes.</summary>
    /// <param name="session">The session.</param>
    /// <param name="budget">Where the memory is counted.</param>
    /// <param name="threads">The threads on which is copied.</param>
    /// <param name="cancellationToken">Ends the wait for the session's turn, and the leisure with which the copy is written.</param>
    /// <exception cref="Errors.ServiceException">LIMIT_EXCEEDED: there is no memory for it. SESSION_DELETED.</exception>
    public static async Task<StateCopy> TakeAsync(
        SessionActor session, MemoryBudget budget, StepThreads threads, CancellationToken cancellationToken)
    {
        var copy = new StateCopy(session.Definition, budget, $"A copy of session '{session.Definition.SessionId}', from which it is written to disk,")
        {
            Pace = new Pace(session.Usage, cancellationToken),
        };
        try
        {
            await copy.TouchAsync();
            await session.RunAsync(
                core =>
                {
                    copy.Take(session, core, threads);
                    return true;
                },
                cancellationToken);
            SessionRecord.AddDefinition(copy.State, session.Definition);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>A session that nothing changes any more, with its arrays where they lie: it takes no memory.</summary>
    /// <param name="session">The session, which must stay as it is until what is returned was used.</param>
    /// <exception cref="Errors.ServiceException">SESSION_DELETED.</exception>
    public static Task<StateCopy> BorrowAsync(SessionActor session) => session.RunAsync(core => new StateCopy(session, core), CancellationToken.None);

    /// <summary>Memory for the arrays of a session, to be filled from a file.</summary>
    /// <exception cref="Errors.ServiceException">LIMIT_EXCEEDED: there is no memory for it.</exception>
    public static StateCopy Empty(SessionDefinition session, MemoryBudget budget, string purpose) => new(session, budget, purpose);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _memory?.Dispose();
            _budget?.Release(_bytes);
        }
    }

    // The system gives pages as they are first written to, which takes longer than to copy them: before anybody waits.
    private Task TouchAsync()
    {
        if (IsLarge)
        {
            return Background.RunPatientlyAsync(() =>
            {
                Touch();
                return true;
            });
        }

        Touch();
        return Task.CompletedTask;
    }

    private unsafe void Touch()
    {
        var first = (byte*)_memory!.View.Address;
        Pace?.Begin();
        for (long offset = 0; offset < _bytes; offset += PageBytes)
        {
            first[offset] = 0;
            if (offset % TouchedBytes == 0)
            {
                Pace?.Rest();
            }
        }
    }

    private void Take(SessionActor session, SessionCore core, StepThreads threads)
    {
        Describe(session, core);
        TensorCopy.Run([.. Arrays.Select((array, i) => (core.Optimizer.Slot(array.Tensor, array.Slot), _views[i]))], threads);
    }

    private void Describe(SessionActor session, SessionCore core)
    {
        if (core.IsBroken)
        {
            throw StorageRefusals.Broken(session.Definition.SessionId);
        }

        State = SessionRecord.WriteMoment(session, core);
        Options = core.Optimizer.Options;
        Decisions = core.Decisions;
    }

    private static long Padded(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
}
