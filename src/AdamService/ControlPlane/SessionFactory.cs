using System.Collections.Immutable;
using System.Security.Cryptography;
using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Threads;
using Adam.V1;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Stored = Adam.Storage.V1;

namespace Adam.Service.ControlPlane;

/// <summary>Makes sessions from requests: checks everything, reserves the memory, then allocates.</summary>
internal sealed class SessionFactory(
    IOptions<LimitsOptions> limits,
    IOptions<DurabilityOptions> durability,
    MemoryBudget budget,
    EngineThreads threads,
    StepThreads stepThreads,
    StartCount starts,
    TimeProvider time) : ISessionMaker
{
    private readonly TenantBudgets _tenants = new(budget, limits);

    /// <summary>The budget that a session would have.</summary>
    public MemoryBudget BudgetFor(SessionDefinition definition) => _tenants.ForSession(TenantBudgets.DefaultTenant, definition.SessionId);

    /// <summary>What its state is called where there is no memory for it.</summary>
    public static string PurposeOf(SessionDefinition definition) => $"The state of session '{definition.SessionId}'";

    /// <summary>Checks a request without making anything.</summary>
    /// <exception cref="ServiceException">With everything that is wrong with it.</exception>
    public SessionDefinition Define(CreateSessionRequest request)
    {
        ThrowIfNotImplemented(request);
        var fields = new FieldErrors();
        if (request.SessionId.Length > 0 && !SessionId.IsValid(request.SessionId))
        {
            fields.Add("session_id", $"expected {SessionId.Form}, received '{request.SessionId}'.");
        }

        LabelReader.Read(request.Labels, "labels", fields);
        var bounds = SessionLimitsMapping.Read(request.Limits, limits.Value, fields);
        var tensors = TensorSpecReader.Read(request.Tensors, limits.Value, fields);
        var options = OptimizerMapping.Read(request.Optimizer, fields);
        foreach (var error in VariableSpecValidator.Validate(tensors, options.Groups.Length))
        {
            fields.Add(ContractField(error.Field), error.Message);
        }

        CheckRowBytes(tensors, fields);
        CheckInitialValues(request.InitialValues, tensors, fields);
        fields.ThrowIfAny(ErrorReason.InvalidField);

        var settings = new FieldErrors();
        foreach (var error in OptimizerOptionsValidator.Validate(options).Concat(LazyRowsValidator.Validate(options, tensors)))
        {
            settings.Add(OptimizerMapping.FieldOf(error), error.Message);
        }

        var patterns = DecayExclusions.PatternsOf(request.Optimizer, options.Groups.Length);
        tensors = DecayExclusions.Apply(patterns, tensors, settings);
        settings.ThrowIfAny(ErrorReason.InvalidOptimizer);

        return new SessionDefinition
        {
            SessionId = request.SessionId.Length > 0 ? request.SessionId : Guid.NewGuid().ToString("N"),
            Normalised = Normalise(request, options, patterns, DurabilityReader.Read(request.Durability, tensors, durability.Value)),
            Options = options,
            Tensors = tensors,
            Bounds = bounds,
            StateBytes = CountStateBytes(request.SessionId, options, tensors),
            ChunkBytesMax = limits.Value.ChunkBytesMax,
        };
    }

    /// <summary>Makes the session that was defined.</summary>
    /// <exception cref="ServiceException">LIMIT_EXCEEDED: its state does not fit into memory.</exception>
    public SessionActor Create(SessionDefinition definition, CreateSessionRequest request) => Make(
        definition,
        LabelReader.Read(request.Labels, "labels", new FieldErrors()),
        SessionIdentity.Begin(time),
        core =>
        {
            foreach (var value in request.InitialValues)
            {
                var index = (int)value.TensorIndex;
                TensorWire.Decode(value.Data.Span, core.Optimizer.Slot(index, AdamSlot.Weights), 0);
                core.MarkInitialized(index);
            }
        });

    /// <inheritdoc/>
    public SessionDefinition Define(Stored.SessionState state)
    {
        if (state.Format != SessionRecord.Format)
        {
            throw new SessionRecordException($"format: this build knows {SessionRecord.Format}, not {state.Format}.");
        }

        if (state.Definition is not { Durability: not null } stored)
        {
            throw new SessionRecordException("definition: it is missing.");
        }

        // The digests of initial values are no values, and Keras's text stands beside what was read from it; either alone makes the session.
        var request = stored.Clone();
        request.InitialValues.Clear();
        request.Durability = new V1.Durability { Tier = DurabilityTier.Memory };
        if (request.Optimizer is { KerasConfigJson.Length: > 0 } optimizer)
        {
            request.Optimizer = new OptimizerConfig { KerasConfigJson = optimizer.KerasConfigJson, NonFinitePolicy = optimizer.NonFinitePolicy };
        }

        // What another program wrote may leave defaults out; they are filled in as for a new session.
        var made = Define(request);
        var normalised = made.Normalised.Clone();
        normalised.InitialValues.Add(stored.InitialValues);
        normalised.Durability = stored.Durability;
        return new SessionDefinition
        {
            SessionId = made.SessionId,
            Normalised = normalised,
            Options = made.Options,
            Tensors = made.Tensors,
            StateBytes = made.StateBytes,
            ChunkBytesMax = made.ChunkBytesMax,
            Bounds = made.Bounds,
            Lineage = state.Lineage,
        };
    }

    /// <inheritdoc/>
    public SessionActor Make(SessionDefinition definition, Stored.SessionState state, ulong generation, Action<SessionCore> fill)
    {
        SessionRecord.Check(state, definition);
        var errors = new FieldErrors();
        var labels = LabelReader.Read(state.Labels, "labels", errors);
        if (!errors.IsEmpty)
        {
            throw new SessionRecordException("labels: there are too many, or too long ones.");
        }

        return Make(
            definition,
            labels,
            new SessionIdentity(state.SessionUid, state.CreateTime.ToDateTimeOffset(), generation),
            core =>
            {
                SessionRecord.Read(state, core, state.Version);
                fill(core);
            });
    }

    private SessionActor Make(
        SessionDefinition definition, ImmutableSortedDictionary<string, string> labels, SessionIdentity identity, Action<SessionCore> fill)
    {
        var own = BudgetFor(definition);
        own.Reserve(definition.StateBytes, PurposeOf(definition));
        var queue = new SerialQueue(threads, definition.Bounds.QueuedMax, definition.IsSmall);
        var readers = new ReaderLeases(
            definition, queue, new SerialQueue(threads, 1), TimeSpan.FromSeconds(limits.Value.ReaderPatienceSeconds), time);
        var memory = new StagingMemory(own, time, TimeSpan.FromSeconds(limits.Value.StagingIdleSeconds));
        SessionCore? core = null;
        try
        {
            core = new SessionCore(
                definition,
                labels,
                starts.EpochsAbove,
                stepThreads,
                readers,
                memory);
            fill(core);
            return new SessionActor(definition, identity, core, queue, readers, own, memory, time);
        }
        catch (Exception failure)
        {
            core?.Free();
            memory.Dispose();
            own.Release(definition.StateBytes);
            if (failure is OutOfMemoryException)
            {
                throw LimitExceeded.OfSystem(PurposeOf(definition), definition.StateBytes);
            }

            throw;
        }
    }

    private long CountStateBytes(string sessionId, OptimizerOptions options, ImmutableArray<VariableSpec> tensors)
    {
        try
        {
            return checked(MemoryEstimate.Bytes(options, tensors) + MemoryEstimate.ConstraintBytes(tensors));
        }
        catch (OverflowException)
        {
            // Each tensor alone can be counted, all slots of all of them cannot.
            throw budget.TooLargeToCount($"The state of session '{sessionId}'");
        }
    }

    // Replies carry whole rows, so that a chunk needs no more than their ids.
    private void CheckRowBytes(ImmutableArray<VariableSpec> tensors, FieldErrors errors)
    {
        for (var i = 0; i < tensors.Length; i++)
        {
            if (tensors[i].RowUpdates == Engine.RowUpdates.Lazy && RowBytes(tensors[i]) > (UInt128)limits.Value.ChunkBytesMax)
            {
                errors.Add(
                    $"tensors[{i}].row_updates",
                    $"a row of '{tensors[i].Path}' has {RowBytes(tensors[i])} bytes as float32, and lazy rows must fit into a chunk of "
                    + $"{limits.Value.ChunkBytesMax}; use ROW_UPDATES_DENSE, or raise {LimitsOptions.Section}:{nameof(LimitsOptions.ChunkBytesMax)} on "
                    + "the service.");
            }
        }
    }

    // 0 where the shape itself is wrong, which is noted elsewhere.
    private static UInt128 RowBytes(VariableSpec tensor)
    {
        UInt128 bytes = sizeof(float);
        foreach (var dimension in tensor.Shape.Skip(1))
        {
            bytes = dimension < 0 ? 0 : UInt128.Min(bytes, ulong.MaxValue) * (UInt128)dimension;
        }

        return bytes;
    }

    private static void CheckInitialValues(IReadOnlyList<TensorData> values, ImmutableArray<VariableSpec> tensors, FieldErrors errors)
    {
        var seen = new HashSet<uint>();
        for (var i = 0; i < values.Count; i++)
        {
            var (value, field) = (values[i], $"initial_values[{i}]");
            if (value.Slot is not (Slot.Unspecified or Slot.Weights))
            {
                errors.Add($"{field}.slot", "a session is created with weights only; write other slots with WriteTensors.");
            }

            if (value.TensorIndex < tensors.Length)
            {
                TensorWire.ThrowIfConverted(value.Dtype, tensors[(int)value.TensorIndex], $"{field}.dtype");
            }

            if (value.TensorIndex >= tensors.Length)
            {
                errors.Add($"{field}.tensor_index", $"there is no tensor {value.TensorIndex}; the session has {tensors.Length}.");
            }
            else if (!seen.Add(value.TensorIndex))
            {
                errors.Add($"{field}.tensor_index", $"tensor {value.TensorIndex} has values already.");
            }
            else if (ExpectedBytes(tensors[(int)value.TensorIndex]) is { } expected && expected != (UInt128)value.Data.Length)
            {
                var tensor = tensors[(int)value.TensorIndex];
                errors.Add(
                    $"{field}.data",
                    $"tensor '{tensor.Path}' [{string.Join(", ", tensor.Shape)}] has {expected} bytes, received {value.Data.Length}.");
            }
        }
    }

    // Null where the shape itself is wrong, which is noted elsewhere.
    private static UInt128? ExpectedBytes(VariableSpec tensor)
    {
        if (tensor.Shape.Any(dimension => dimension < 0))
        {
            return null;
        }

        try
        {
            return (UInt128)tensor.ElementCount * (UInt128)tensor.DType.ElementBytes();
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static CreateSessionRequest Normalise(
        CreateSessionRequest request, OptimizerOptions options, IReadOnlyList<IReadOnlyList<string>> patterns, V1.Durability durability) => new()
    {
        SessionId = request.SessionId,
        Optimizer = NormaliseOptimizer(request.Optimizer, options, patterns),
        Tensors = { request.Tensors.Select(TensorSpecReader.Normalise) },
        InitialValues =
        {
            request.InitialValues.OrderBy(value => value.TensorIndex).Select(value => new TensorData
            {
                TensorIndex = value.TensorIndex,
                Slot = Slot.Weights,
                Dtype = request.Tensors[(int)value.TensorIndex].Dtype == DType.Float16 ? DType.Float16 : DType.Float32,
                Data = ByteString.CopyFrom(SHA256.HashData(value.Data.Span)),
            }),
        },
        Durability = durability,
        Limits = SessionLimitsMapping.Normalise(request.Limits),
        Labels = { request.Labels },
    };

    // Keras's text stays beside the typed fields: it can say things that they cannot.
    private static OptimizerConfig NormaliseOptimizer(
        OptimizerConfig? asked, OptimizerOptions options, IReadOnlyList<IReadOnlyList<string>> patterns)
    {
        var normalised = OptimizerMapping.Write(options, patterns);
        normalised.KerasConfigJson = asked?.KerasConfigJson ?? "";
        return normalised;
    }

    private static string ContractField(string engineField) =>
        engineField.Replace("variables[", "tensors[", StringComparison.Ordinal).Replace("].path", "].name", StringComparison.Ordinal);

    private static void ThrowIfNotImplemented(CreateSessionRequest request)
    {
        if (request.RequiredFeatures.Count > 0)
        {
            throw RequiredFeatures.Unknown(request.RequiredFeatures);
        }
    }
}
