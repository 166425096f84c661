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

namespace Adam.Service.ControlPlane;

/// <summary>Makes sessions from requests: checks everything, reserves the memory, then allocates.</summary>
internal sealed class SessionFactory(IOptions<LimitsOptions> limits, MemoryBudget budget, EngineThreads threads, StepThreads stepThreads, TimeProvider time)
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
            Normalised = Normalise(request, options, patterns),
            Options = options,
            Tensors = tensors,
            Bounds = bounds,
            StateBytes = CountStateBytes(request.SessionId, options, tensors),
            ChunkBytesMax = limits.Value.ChunkBytesMax,
        };
    }

    /// <summary>Makes the session that was defined.</summary>
    /// <exception cref="ServiceException">LIMIT_EXCEEDED: its state does not fit into memory.</exception>
    public SessionActor Create(SessionDefinition definition, CreateSessionRequest request)
    {
        var own = BudgetFor(definition);
        own.Reserve(definition.StateBytes, PurposeOf(definition));
        var queue = new SerialQueue(threads, definition.Bounds.QueuedMax);
        var readers = new ReaderLeases(
            definition, queue, new SerialQueue(threads, 1), TimeSpan.FromSeconds(limits.Value.ReaderPatienceSeconds), time);
        var memory = new StagingMemory(own, time, TimeSpan.FromSeconds(limits.Value.StagingIdleSeconds));
        SessionCore? core = null;
        try
        {
            core = new SessionCore(
                definition,
                LabelReader.Read(request.Labels, "labels", new FieldErrors()),
                stepThreads,
                readers,
                memory);
            foreach (var value in request.InitialValues)
            {
                var index = (int)value.TensorIndex;
                TensorWire.Decode(value.Data.Span, core.Optimizer.Slot(index, AdamSlot.Weights), 0);
                core.MarkInitialized(index);
            }

            return new SessionActor(definition, SessionIdentity.Begin(time), core, queue, readers, own, memory, time);
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
        CreateSessionRequest request, OptimizerOptions options, IReadOnlyList<IReadOnlyList<string>> patterns) => new()
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
        Durability = new Durability { Tier = DurabilityTier.Memory },
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

        if (request.Durability is { } durability)
        {
            KnownEnum.ThrowIfUnknown(durability.Tier, "durability.tier");
            if (durability.Tier is not (DurabilityTier.Unspecified or DurabilityTier.Memory))
            {
                throw NotImplemented.Field(
                    $"durability.tier = {WireName.Of(durability.Tier)}", "Use DURABILITY_TIER_MEMORY: nothing survives a crash of the service yet.");
            }

            if (durability.HasSnapshotEverySteps || durability.SnapshotEvery is not null)
            {
                throw NotImplemented.Field("durability.snapshot_every", "Leave it out: tier MEMORY has no snapshots.");
            }
        }
    }
}
