using System.Collections.Immutable;
using Adam.Engine;
using Adam.Service.Errors;
using Adam.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Stored = Adam.Storage.V1;

namespace Adam.Service.Sessions;

/// <summary>Writes down everything of a session but the elements of its arrays, and makes a session of it what it was.</summary>
internal static class SessionRecord
{
    /// <summary>The version of the record.</summary>
    public const uint Format = 1;

    private static readonly AdamSlot[] Slots = System.Enum.GetValues<AdamSlot>();

    /// <summary>The session as it is now. Runs in its queue; nothing of it that changes is shared with the record.</summary>
    public static Stored.SessionState Write(SessionActor session, SessionCore core)
    {
        var state = WriteMoment(session, core);
        AddDefinition(state, session.Definition);
        return state;
    }

    /// <summary>Adds what never changes, which need not be done in the queue.</summary>
    public static void AddDefinition(Stored.SessionState state, SessionDefinition session)
    {
        state.Definition = session.Normalised.Clone();
        state.Definition.SessionId = session.SessionId;
        state.Lineage = session.Lineage;
    }

    /// <summary>What of a session changes, as it is now. Runs in its queue.</summary>
    public static Stored.SessionState WriteMoment(SessionActor session, SessionCore core)
    {
        var state = new Stored.SessionState
        {
            Format = Format,
            SessionUid = session.Uid,
            CreateTime = Timestamp.FromDateTimeOffset(session.CreateTime),
            Generation = session.Generation,
            Version = core.Version,
            LogSequence = core.LogSequence,
            LossScale = core.DescribeLossScale(),
            Labels = { core.Labels },
            UninitializedTensors = { core.Uninitialized.Select(index => (uint)index) },
        };
        foreach (var group in core.Optimizer.Groups)
        {
            var rate = group.Options.LearningRate;
            state.Groups.Add(new Stored.GroupState
            {
                Iterations = group.Iterations,
                LearningRate = rate == session.Definition.Options.Groups[group.Index].LearningRate ? null : LearningRateMapping.Write(rate),
            });
        }

        foreach (var worker in core.Workers.All)
        {
            state.Workers.Add(new Stored.WorkerState
            {
                WorkerId = worker.Id,
                NextSequence = worker.NextSequence,
                ClientCursor = worker.ClientCursor,
                Results = { worker.Results.All },
                TrainedEpoch = worker.TrainedEpoch,
            });
        }

        foreach (var slot in Slots)
        {
            // Everything begins with version 1, which goes without saying.
            var versions = core.Versions.Of(slot);
            if (versions.ContainsAnyExcept(1ul))
            {
                var written = new Stored.SlotVersions { Slot = SlotMapping.ToWire(slot) };
                foreach (var version in versions)
                {
                    written.Versions.Add(version);
                }

                state.SlotVersions.Add(written);
            }
        }

        return state;
    }

    /// <summary>Refuses a record that no session has written.</summary>
    /// <param name="state">The record.</param>
    /// <param name="session">The session that its definition makes.</param>
    /// <exception cref="SessionRecordException">It says what is wrong.</exception>
    public static void Check(Stored.SessionState state, SessionDefinition session)
    {
        Require(state.SessionUid.Length == SessionIdentity.UidBytes, "session_uid", "it has another length");
        Require(state.CreateTime is not null, "create_time", "it is missing");
        Require(state.Generation >= 1, "generation", "it is 0");
        Require(state.Version >= 1, "version", "it is 0");
        Require(state.Groups.Count == session.Options.Groups.Length, "groups", $"there are {state.Groups.Count} for {session.Options.Groups.Length}");
        foreach (var group in state.Groups)
        {
            Require(group.Iterations is >= 0 and <= AdamOptimizer.MaxIterations, "groups", $"iterations are {group.Iterations}");
            _ = ReadRate(group.LearningRate);
        }

        Require((state.LossScale is null) == (session.Options.DynamicLossScale is null), "loss_scale", "it is there without a dynamic scale, or missing");
        Require(
            state.LossScale is null or { StepCounter: >= 0 and <= int.MaxValue, SkippedSteps: <= long.MaxValue }, "loss_scale", "a counter is out of range");
        Require(state.UninitializedTensors.All(index => index < session.Tensors.Length), "uninitialized_tensors", "there is no such tensor");
        Require(state.Workers.Select(worker => worker.WorkerId).Distinct().Count() == state.Workers.Count, "workers", "one is there twice");
        foreach (var worker in state.Workers)
        {
            Require(SessionId.IsValid(worker.WorkerId), "workers", "an id has not the form of one");
            Require(worker.NextSequence >= 1, "workers", "a next_sequence is 0");
            Require(worker.TrainedEpoch <= long.MaxValue, "workers", $"a trained_epoch is {worker.TrainedEpoch}");
            Require(worker.Results.Count <= ResultHistory.Kept, "workers", $"there are {worker.Results.Count} results");
            _ = ReadWorker(worker);
        }

        foreach (var slot in state.SlotVersions)
        {
            Require(
                slot.Slot != Slot.Unspecified && System.Enum.IsDefined(slot.Slot) && slot.Versions.Count == session.Tensors.Length,
                "slot_versions",
                "there is no such slot, or it has another number of tensors");
        }
    }

    /// <summary>Makes a session what it was when the record was written, but for its arrays. Runs in its queue, or before it has one.</summary>
    /// <param name="state">The record, which was checked.</param>
    /// <param name="core">A session of the same definition.</param>
    /// <param name="version">The version that it has then: that of the record, or a later one if its past is another one.</param>
    public static void Read(Stored.SessionState state, SessionCore core, ulong version)
    {
        foreach (var group in core.Optimizer.Groups)
        {
            var stored = state.Groups[group.Index];
            group.SetIterations(stored.Iterations);
            group.SetLearningRate(ReadRate(stored.LearningRate) ?? core.Definition.Options.Groups[group.Index].LearningRate, replaceSchedule: true);
        }

        if (state.LossScale is { } scale)
        {
            core.Optimizer.LossScale!.Set(scale.Scale, (int)scale.StepCounter, (long)scale.SkippedSteps);
        }

        core.SetLabels(ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, state.Labels));
        core.Workers.Clear();
        foreach (var stored in state.Workers)
        {
            core.Workers.Keep(ReadWorker(stored));
        }

        core.Resume(version, state.UninitializedTensors.Select(index => (int)index).ToHashSet());
        core.LogSequence = state.LogSequence;
        core.Versions.SetAll(version == state.Version ? 1 : version);
        foreach (var slot in version == state.Version ? state.SlotVersions : [])
        {
            for (var tensor = 0; tensor < slot.Versions.Count; tensor++)
            {
                core.Versions[tensor, SlotMapping.ToEngine(slot.Slot)] = slot.Versions[tensor];
            }
        }
    }

    private static Worker ReadWorker(Stored.WorkerState stored)
    {
        var worker = new Worker(stored.WorkerId) { NextSequence = stored.NextSequence, ClientCursor = stored.ClientCursor, TrainedEpoch = stored.TrainedEpoch };
        foreach (var bytes in stored.Results)
        {
            try
            {
                worker.Results.Add(BatchResult.Parser.ParseFrom(bytes));
            }
            catch (InvalidProtocolBufferException invalid)
            {
                throw new SessionRecordException($"workers: a result of '{stored.WorkerId}' cannot be read: {invalid.Message}");
            }
        }

        return worker;
    }

    // Null where the rate is that of the creation.
    private static Engine.LearningRate? ReadRate(V1.LearningRate? stored)
    {
        var errors = new FieldErrors();
        var rate = LearningRateMapping.Read(stored, "learning_rate", errors);
        foreach (var error in rate is null ? [] : AdamOptionsValidator.Validate(new AdamOptions { LearningRate = rate }))
        {
            errors.Add(error.Field, error.Message);
        }

        try
        {
            errors.ThrowIfAny(ErrorReason.InvalidField);
        }
        catch (ServiceException refused)
        {
            throw new SessionRecordException($"groups: a learning rate is none: {refused.Message}");
        }

        return rate;
    }

    private static void Require(bool holds, string field, string otherwise)
    {
        if (!holds)
        {
            throw new SessionRecordException($"{field}: {otherwise}.");
        }
    }
}
