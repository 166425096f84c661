using System.Collections.Immutable;
using System.Globalization;
using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>
/// The decision over one committed batch: a repeat, a gap, a refusal, or a step. Runs in the session's queue, in two halves with nothing of the
/// session in between; either the whole of it happens or nothing does.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="batch">The batch. Its gradient buffers are scratch once it is decided.</param>
internal sealed class BatchStep(SessionActor session, StagedBatch batch)
{
    private Worker? _worker;
    private bool _isStale;
    private WeightsBefore? _before;
    private RowsAfter? _rows;
    private ReadOnlyMemory<byte> _kept;

    /// <summary>Whose batch it is. Known after <see cref="Prepare"/>.</summary>
    public Worker Worker => _worker ?? throw new InvalidOperationException("The batch is not prepared.");

    /// <summary>Whether a step will be tried: the batch is no repeat, and its loss scale is the present one. Known after <see cref="Prepare"/>.</summary>
    public bool IsStep => !IsRepeat && !_isStale;

    /// <summary>What tells whether a replay does the same: CRC32C of the result, but for what depends on the time at which it is sent. Known after a step.</summary>
    public uint ResultChecksum => Crc32C.Compute(_kept.Span);

    private bool IsRepeat => batch.Sequence < Worker.NextSequence;

    /// <summary>Checks the batch against the session's present state, and takes the memory for its reply.</summary>
    /// <param name="core">The state.</param>
    /// <param name="worker">Whose batch it is.</param>
    /// <exception cref="ServiceException">The batch is refused; nothing has changed.</exception>
    public void Prepare(SessionCore core, Worker worker)
    {
        session.Touch();
        _worker = worker;
        ThrowIfAhead(batch.Reply, session, core);
        if (IsRepeat)
        {
            return;
        }

        // What does not fit the session's present state is refused before anything is touched.
        ThrowIfGap(worker, batch.Sequence);
        core.ThrowIfNotReady();
        core.ThrowIfAhead(batch.BaseVersion);
        _isStale = batch.LossScaleUsed is { } used && !used.Equals(core.Optimizer.CurrentLossScale);
        if (IsStep)
        {
            // Deltas need the weights from before the step, and rows that are gathered memory.
            _before = WeightsBefore.Take(batch, session.Definition, core);
            _rows = RowsAfter.Take(batch, session.Definition, core);
        }
    }

    /// <summary>Decides a batch that was prepared.</summary>
    /// <param name="core">The state.</param>
    /// <param name="scalars">What <see cref="Scalars"/> gave for it, or the record that it is repeated from holds; empty if neither was.</param>
    /// <exception cref="ServiceException">The batch is refused; nothing has changed.</exception>
    public BatchAnswer Decide(SessionCore core, ReadOnlyMemory<GroupScalars> scalars)
    {
        // 1 A batch that was decided before is answered as it was then.
        if (IsRepeat)
        {
            return Repeat(session, core, Worker, batch);
        }

        if (_isStale)
        {
            return BatchAnswer.Of(StaleLossScale(session, core, batch.Sequence));
        }

        // 2 The step itself. The engine checks everything before it changes anything.
        var staleness = core.Version - batch.BaseVersion;
        var report = Ask(session, batch, gradients => core.Optimizer.Apply(gradients, batch.Overrides, scalars.Span));

        // 3 From here on nothing may fail: the batch has happened.
        var result = Describe(core, batch, report, staleness);
        if (report.Outcome != StepOutcome.Skipped)
        {
            core.Versions.NoteStep(core.Optimizer, core.Version);
        }

        core.Workers.Keep(Worker);
        Worker.NextSequence = batch.Sequence + 1;
        Worker.TrainedEpoch = Worker.HighestEpoch;
        Worker.ClientCursor = batch.ClientCursor;
        _kept = Worker.Results.Add(result);
        Date(result, session);
        core.CountDecision();
        var isMade = report.Outcome != StepOutcome.Skipped;
        return Answer(
            result, batch, _before?.ToDelta(core, isMade) ?? _rows?.Lend(session.Definition, core, isMade) ?? Lend(core, batch.Reply, result.ReplyKind));
    }

    /// <summary>What the step will take from the machine's mathematical library.</summary>
    /// <exception cref="ServiceException">The batch is refused; nothing has changed.</exception>
    public static ImmutableArray<GroupScalars> Scalars(SessionActor session, SessionCore core, StagedBatch batch) =>
        Ask(session, batch, gradients => core.Optimizer.Scalars(gradients, batch.Overrides));

    /// <summary>Gives back what was taken for the reply and not handed over.</summary>
    public void GiveBack()
    {
        _before?.Dispose();
        _rows?.Dispose();
    }

    /// <summary>The result of a batch that was decided before, or an error that says why there is none.</summary>
    public static BatchResult FindResult(SessionActor session, Worker? worker, string workerId, ulong sequence)
    {
        var expected = worker?.NextSequence ?? 1;
        if (sequence >= expected)
        {
            throw Gap(
                $"Batch {sequence} of worker '{workerId}' has not been decided; the next one is {expected}. Send it.", expected);
        }

        var result = worker!.Results.Find(sequence) ?? throw new ServiceException(
            ErrorReason.ResultForgotten,
            $"Batch {sequence} of worker '{workerId}' was applied, but only the last {ResultHistory.Kept} results are kept. It will not be "
            + $"applied again; go on with {expected}.",
            ("expected_sequence", expected.ToString(CultureInfo.InvariantCulture)));
        result.OriginalOutcome = result.Outcome;
        result.Outcome = BatchOutcome.Duplicate;
        result.ReplyKind = ReplyKind.None;
        Date(result, session);
        return result;
    }

    /// <summary>Says in a result how the session stands now.</summary>
    public static void Date(BatchResult result, SessionActor session) =>
        (result.DurableVersion, result.Generation) = (session.DurableVersion, session.Generation);

    /// <summary>The result of a refused batch.</summary>
    public static BatchResult Refused(SessionActor session, ulong sequence, ulong version, ServiceException error) => new()
    {
        Sequence = sequence,
        Outcome = BatchOutcome.Rejected,
        Version = version,
        DurableVersion = session.DurableVersion,
        Generation = session.Generation,
        Error = WireStatus.ToStatus(error),
        ReplyKind = ReplyKind.None,
    };

    private static BatchAnswer Repeat(SessionActor session, SessionCore core, Worker worker, StagedBatch batch)
    {
        var result = FindResult(session, worker, worker.Id, batch.Sequence);
        BatchDigests.ThrowIfOtherBatch(batch, result, worker.Id);

        // The delta of back then is gone; present weights bring the client to where the session is.
        result.ReplyKind = batch.Reply.IsDelta ? ReplyKind.Weights : batch.Reply.Kind;
        return Answer(result, batch, Lend(core, batch.Reply, result.ReplyKind));
    }

    // The client learns the present scale and sends the batch again; its number is not used up.
    private static BatchResult StaleLossScale(SessionActor session, SessionCore core, ulong sequence) => new()
    {
        Sequence = sequence,
        Outcome = BatchOutcome.StaleLossScale,
        Version = core.Version,
        DurableVersion = session.DurableVersion,
        Generation = session.Generation,
        Groups = { core.DescribeGroups() },
        Metrics = new StepMetrics { LossScale = core.Optimizer.CurrentLossScale },
        ReplyKind = ReplyKind.None,
    };

    private static T Ask<T>(SessionActor session, StagedBatch batch, Func<Gradient[], T> work)
    {
        try
        {
            return batch.Use(work);
        }
        catch (LearningRateMissingException error)
        {
            throw new ServiceException(
                ErrorReason.LearningRateMissing, $"{error.Message} Send it in begin.overrides.learning_rate.", ("fields", "begin.overrides.learning_rate"));
        }
        catch (NonFiniteGradientException error)
        {
            throw new ServiceException(
                ErrorReason.NonfiniteGradient, error.Message, ("tensor", session.Definition.Tensors[error.VariableIndex].Path));
        }
        catch (IterationLimitException error)
        {
            throw new ServiceException(ErrorReason.IterationLimit, error.Message);
        }
    }

    private static BatchResult Describe(SessionCore core, StagedBatch batch, StepReport report, ulong? staleness)
    {
        var metrics = new StepMetrics
        {
            LearningRate = (float)report.LearningRate,
            GradientNorm = report.GradientNorm,
            UpdateNorm = report.UpdateNorm,
            NonFiniteCount = (ulong)report.NonFiniteCount,
            LossScale = report.LossScale,
        };
        if (report.FirstNonFiniteVariable is { } first)
        {
            metrics.FirstNonFiniteTensor = (uint)first;
        }

        if (staleness is { } versions)
        {
            metrics.Staleness = versions;
        }

        return new BatchResult
        {
            Sequence = batch.Sequence,
            Outcome = report.Outcome switch
            {
                StepOutcome.Applied => BatchOutcome.Applied,
                StepOutcome.Accumulated => BatchOutcome.Accumulated,
                StepOutcome.Skipped => BatchOutcome.Skipped,
                _ => throw new InvalidOperationException($"The engine reported an outcome that the contract does not have: {report.Outcome}."),
            },
            // A step that the policy skipped has changed no number; one that the loss scale skipped has changed that.
            Version = report.Outcome == StepOutcome.Skipped && core.Optimizer.LossScale is null ? core.Version : core.NextVersion(),
            Groups = { core.DescribeGroups() },
            Metrics = metrics,
            ReplyKind = batch.Reply.Kind,
            Digest = batch.Digest,
        };
    }

    private static BatchAnswer Answer(BatchResult result, StagedBatch batch, ReadLease? reply) =>
        new(result, reply, batch.Reply.DType, batch.Reply.ChunkBytes);

    // Weights and averages are sent from where they lie.
    private static ReadLease? Lend(SessionCore core, ReplyPlan plan, ReplyKind kind)
    {
        if (kind == ReplyKind.None)
        {
            return null;
        }

        var slot = kind == ReplyKind.Average ? Slot.Average : Slot.Weights;
        var written = SlotMapping.ToEngine(slot);
        return core.Lend([.. plan.Tensors.Where(tensor => plan.Includes(core.Versions[tensor, written])).Select(tensor => (tensor, slot))]);
    }

    // Of a version that does not exist nobody can say what has changed since.
    private static void ThrowIfAhead(ReplyPlan plan, SessionActor session, SessionCore core)
    {
        if (plan.ChangedSince > core.Version)
        {
            throw new ServiceException(
                ErrorReason.BaseVersionAhead,
                $"begin.reply.changed_since_version: the reply is to be what has changed since version {plan.ChangedSince}, but session "
                + $"'{session.Definition.SessionId}' is at version {core.Version}. Leave it out to get everything.",
                ("version", core.Version.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static void ThrowIfGap(Worker worker, ulong sequence)
    {
        if (sequence > worker.NextSequence)
        {
            throw Gap(
                $"Batch {sequence} of worker '{worker.Id}' came too early: {worker.NextSequence} is the next one. Send the batches in between first.",
                worker.NextSequence);
        }
    }

    private static ServiceException Gap(string message, ulong expected) => new(
        ErrorReason.SequenceGap, message, ("expected_sequence", expected.ToString(CultureInfo.InvariantCulture)));
}
