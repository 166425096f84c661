using System.Collections.Immutable;
using System.Globalization;
using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.SharedMemory;
using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>
/// The part of a session that changes: the optimizer, the version, the workers, the labels. Every access comes from the
/// session's queue, one at a time, so there are no locks here.
/// </summary>
#pragma warning disable CA1001 // The optimizer is disposed of by Free, in the session's queue, when nobody can be using it.
internal sealed class SessionCore
#pragma warning restore CA1001
{
    private readonly SessionDefinition _definition;
    private readonly ReaderLeases _readers;
    private readonly bool[] _initialized;
    private AdamOptimizer? _optimizer;
    private ulong _version = 1;
    private long _decisions;

    public SessionCore(
        SessionDefinition definition,
        ImmutableSortedDictionary<string, string> labels,
        ulong epochsAbove,
        StepThreads threads,
        ReaderLeases readers,
        StagingMemory memory)
    {
        _definition = definition;
        _readers = readers;
        Memory = memory;
        // A tensor without elements has nothing to be written.
        _initialized = [.. definition.Tensors.Select(tensor => tensor.ElementCount == 0)];
        _optimizer = new AdamOptimizer(definition.Options, definition.Tensors, threads);
        Labels = labels;
        Workers = new WorkerTable(definition.Bounds, epochsAbove);
        Versions = new SlotVersions(definition.Tensors.Length);
    }

    /// <summary>What the session was created as.</summary>
    public SessionDefinition Definition => _definition;

    /// <summary>Parameters, slots and counters.</summary>
    public AdamOptimizer Optimizer => _optimizer ?? throw new InvalidOperationException("The session has ended.");

    /// <summary>Raised by one with every change. A session begins with version 1. May be read from outside the queue.</summary>
    public ulong Version => Volatile.Read(ref _version);

    /// <summary>The log record whose effect was the last one. 0: there is none.</summary>
    public ulong LogSequence { get; set; }

    /// <summary>
    /// Counts what must be kept: with every version, and where a batch was decided without a change of version. May be read from outside the
    /// queue.
    /// </summary>
    public long Decisions => Volatile.Read(ref _decisions);

    /// <summary>In which version each slot was last written.</summary>
    public SlotVersions Versions { get; }

    /// <summary>Memory for what arrives, and for replies that are not sent from where they lie.</summary>
    public StagingMemory Memory { get; }

    /// <summary>Where changes go before they are made; null below tier LOG.</summary>
    public SessionLog? Log { get; set; }

    /// <summary>Whether a change that the log has could not be made: memory is not what the log says, and must neither be changed nor kept.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Where the weights lie, if they are shared; null if they are not.</summary>
    public SharedWeights? SharedWeights { get; private set; }

    /// <summary>The workers.</summary>
    public WorkerTable Workers { get; }

    /// <summary>The labels.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; private set; }

    /// <summary>True once the session was deleted; nothing may be done any more.</summary>
    public bool Deleted { get; private set; }

    /// <summary>Whether every tensor has values.</summary>
    public SessionState State => Array.TrueForAll(_initialized, done => done) ? SessionState.Ready : SessionState.Created;

    /// <summary>Indices of the tensors that have no values yet.</summary>
    public IEnumerable<int> Uninitialized => Enumerable.Range(0, _initialized.Length).Where(index => !_initialized[index]);

    /// <summary>Notes that a tensor's weights have been written.</summary>
    public void MarkInitialized(int tensor) => _initialized[tensor] = true;

    /// <summary>Notes that a change which the log has could not be made. The next start makes it.</summary>
    public void Break() => IsBroken = true;

    /// <summary>Counts a change.</summary>
    public ulong NextVersion()
    {
        Volatile.Write(ref _version, _version + 1);
        CountDecision();
        return _version;
    }

    /// <summary>Notes that something was decided which must be kept.</summary>
    public void CountDecision() => Volatile.Write(ref _decisions, _decisions + 1);

    /// <summary>Sets version and tensors with values, as they were.</summary>
    /// <param name="version">The version.</param>
    /// <param name="uninitialized">The tensors that have no values yet.</param>
    public void Resume(ulong version, IReadOnlySet<int> uninitialized)
    {
        Volatile.Write(ref _version, version);
        for (var tensor = 0; tensor < _initialized.Length; tensor++)
        {
            _initialized[tensor] = !uninitialized.Contains(tensor);
        }
    }

    /// <summary>Overwrites the weights with their averages, where there are any. A change.</summary>
    public void FinalizeValues()
    {
        Optimizer.FinalizeVariableValues();
        var version = NextVersion();
        for (var tensor = 0; tensor < _definition.Tensors.Length; tensor++)
        {
            if (Optimizer.HasSlot(tensor, AdamSlot.Average))
            {
                Versions[tensor, AdamSlot.Weights] = version;
            }
        }
    }

    /// <summary>Lends the present values of some slots, to be read where they lie. Until the lease is over, no change passes.</summary>
    /// <param name="parts">What is read, in order.</param>
    public ReadLease Lend(IReadOnlyList<(int Tensor, Slot Slot)> parts)
    {
        var lease = new ReadLease(
            [.. parts.Select(part => new ReadPart(part.Tensor, part.Slot, Optimizer.Slot(part.Tensor, SlotMapping.ToEngine(part.Slot))))],
            Version,
            _readers,
            Memory);
        _readers.Add(lease);
        return lease;
    }

    /// <summary>Lends values of which some are the reader's own. Until the lease is over, no change passes.</summary>
    /// <param name="parts">What is read, in order.</param>
    /// <param name="own">The memory of those that are, given back with the lease; null for the others.</param>
    public ReadLease Lend(ReadPart[] parts, StagingTensor?[] own)
    {
        var lease = new ReadLease(parts, Version, _readers, Memory, own);
        _readers.Add(lease);
        return lease;
    }

    /// <summary>Ends the session: nothing more may be done. Its memory is freed when nobody reads it any more, whoever still holds the session.</summary>
    /// <param name="deleted">What readers are told whose time is up.</param>
    /// <param name="freed">Called after that.</param>
    /// <returns>False if it had ended before.</returns>
    public bool End(ServiceException deleted, Action freed)
    {
        if (Deleted)
        {
            return false;
        }

        Deleted = true;
        _readers.End(deleted, () =>
        {
            Free();
            freed();
            return true;
        });
        return true;
    }

    /// <summary>Frees the memory of a session that nobody can be using.</summary>
    public void Free()
    {
        _optimizer?.Dispose();
        _optimizer = null;
        SharedWeights?.Dispose();
        SharedWeights = null;
    }

    /// <summary>Moves the weights into shared memory, unless they are there. A change that changes no value.</summary>
    /// <param name="weights">The memory, or null; null afterwards if it was taken.</param>
    public void Share(ref SharedWeights? weights)
    {
        if (SharedWeights is null && weights is not null)
        {
            Optimizer.MoveWeights(weights.Views());
            (SharedWeights, weights) = (weights, null);
            SharedWeights.Header.WriteVersion(_version);
        }
    }

    /// <summary>Tells readers of shared weights that values may change from now on.</summary>
    /// <returns>What <see cref="EndChange"/> wants.</returns>
    public SharedWeights? BeginChange()
    {
        SharedWeights?.Header.BeginChange();
        return SharedWeights;
    }

    /// <summary>Tells them that it is over, and of which version the weights are.</summary>
    /// <param name="began">Where the weights were when it began.</param>
    public void EndChange(SharedWeights? began)
    {
        SharedWeights?.Header.WriteVersion(_version);
        began?.Header.EndChange();
    }

    /// <summary>Replaces the labels.</summary>
    public void SetLabels(ImmutableSortedDictionary<string, string> labels) => Labels = labels;

    /// <summary>Refuses steps while tensors have no values.</summary>
    /// <exception cref="ServiceException">NOT_INITIALIZED, with their names.</exception>
    public void ThrowIfNotReady()
    {
        if (State == SessionState.Ready)
        {
            return;
        }

        var names = Uninitialized.Select(index => _definition.Tensors[index].Path).ToList();
        var shown = string.Join(", ", names.Take(10).Select(name => $"'{name}'"));
        throw new ServiceException(
            ErrorReason.NotInitialized,
            $"{names.Count} of {_initialized.Length} tensors of session '{_definition.SessionId}' have no values yet: {shown}"
            + $"{(names.Count > 10 ? ", …" : "")}. Write their weights with WriteTensors before the first step.",
            ("tensors", string.Join(",", names)));
    }

    /// <summary>Refuses a caller whose base version lies in a future that this session does not have.</summary>
    public void ThrowIfAhead(ulong? baseVersion)
    {
        if (baseVersion > Version)
        {
            throw new ServiceException(
                ErrorReason.BaseVersionAhead,
                $"The gradients were computed from version {baseVersion}, but session '{_definition.SessionId}' is at version {Version}. Read "
                + "the weights again.",
                ("version", Version.ToString(CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>Where the groups stand.</summary>
    public IEnumerable<GroupStatus> DescribeGroups() => Optimizer.Groups.Select(group => new GroupStatus
    {
        Iterations = group.Iterations,
        EffectiveIterations = group.EffectiveIterations,
        LearningRate = group.CurrentLearningRate ?? float.NaN,
    });

    /// <summary>Where the dynamic loss scale stands. Null: there is none.</summary>
    public LossScaleStatus? DescribeLossScale() => Optimizer.LossScale is { } state
        ? new LossScaleStatus { Scale = state.Scale, StepCounter = state.StepCounter, SkippedSteps = (ulong)state.SkippedSteps }
        : null;
}
