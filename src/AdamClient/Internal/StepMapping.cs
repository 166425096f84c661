namespace Adam.Client.Internal;

/// <summary>Batches and slots, to the wire and back.</summary>
internal static class StepMapping
{
    public static StepResult FromWire(V1.BatchResult result)
    {
        var group = result.Groups.FirstOrDefault() ?? new V1.GroupStatus();
        var metrics = result.Metrics ?? new V1.StepMetrics();
        return new StepResult
        {
            Sequence = result.Sequence,
            Outcome = FromWire(result.Outcome),
            OriginalOutcome = result.Outcome == V1.BatchOutcome.Duplicate ? FromWire(result.OriginalOutcome) : null,
            Reply = FromWire(result.ReplyKind),
            Version = result.Version,
            DurableVersion = result.DurableVersion,
            Generation = result.Generation,
            Iterations = group.Iterations,
            EffectiveIterations = group.EffectiveIterations,
            LearningRate = metrics.LearningRate,
            NextLearningRate = group.LearningRate,
            GradientNorm = metrics.GradientNorm,
            UpdateNorm = metrics.UpdateNorm,
            LossScale = metrics.LossScale,
            Groups = GroupMapping.FromWire(result.Groups),
            NonFiniteCount = metrics.NonFiniteCount,
            FirstNonFiniteTensor = metrics.HasFirstNonFiniteTensor ? (int)metrics.FirstNonFiniteTensor : null,
            Staleness = metrics.HasStaleness ? metrics.Staleness : null,
        };
    }

    /// <returns>Null if nothing is overridden.</returns>
    public static V1.StepOverrides? ToWire(StepOptions options)
    {
        if (options.Overrides is null && options.GroupOverrides.Count == 0)
        {
            return null;
        }

        var wire = new V1.StepOverrides();
        Given.Set(options.Overrides?.LearningRate, value => wire.LearningRate = value);
        Given.Set(options.Overrides?.Beta1, value => wire.Beta1 = value);
        Given.Set(options.Overrides?.Beta2, value => wire.Beta2 = value);
        foreach (var (index, overrides) in options.GroupOverrides)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(StepOptions.GroupOverrides));
            var group = new V1.GroupOverrides { Group = (uint)index };
            Given.Set(overrides.LearningRate, value => group.LearningRate = value);
            Given.Set(overrides.Beta1, value => group.Beta1 = value);
            Given.Set(overrides.Beta2, value => group.Beta2 = value);
            wire.Groups.Add(group);
        }

        return wire;
    }

    public static V1.ReplyKind ToWire(ReplyKind kind) => kind switch
    {
        ReplyKind.None => V1.ReplyKind.None,
        ReplyKind.Weights => V1.ReplyKind.Weights,
        ReplyKind.Delta => V1.ReplyKind.Delta,
        ReplyKind.DeltaXor => V1.ReplyKind.DeltaXor,
        ReplyKind.Average => V1.ReplyKind.Average,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of reply."),
    };

    /// <returns>The kind; "not said" stands for no reply.</returns>
    /// <exception cref="AdamException">The kind is not of this version of the contract.</exception>
    public static ReplyKind FromWire(V1.ReplyKind kind) => kind switch
    {
        V1.ReplyKind.Unspecified => ReplyKind.None,
        V1.ReplyKind.None => ReplyKind.None,
        V1.ReplyKind.Weights => ReplyKind.Weights,
        V1.ReplyKind.Delta => ReplyKind.Delta,
        V1.ReplyKind.DeltaXor => ReplyKind.DeltaXor,
        V1.ReplyKind.Average => ReplyKind.Average,
        _ => throw ErrorTranslator.BrokenContract($"The service sent a reply of kind {(int)kind}, which was not asked for."),
    };

    public static V1.Slot ToWire(TensorSlot slot) => slot switch
    {
        TensorSlot.Weights => V1.Slot.Weights,
        TensorSlot.FirstMoment => V1.Slot.FirstMoment,
        TensorSlot.SecondMoment => V1.Slot.SecondMoment,
        TensorSlot.MaxSecondMoment => V1.Slot.MaxSecondMoment,
        TensorSlot.Average => V1.Slot.Average,
        TensorSlot.Accumulator => V1.Slot.Accumulator,
        TensorSlot.RowSteps => V1.Slot.RowSteps,
        _ => throw new ArgumentOutOfRangeException(nameof(slot), slot, "Not a slot."),
    };

    /// <returns>The slot; "not said" stands for the weights.</returns>
    /// <exception cref="AdamException">The slot is not of this version of the contract.</exception>
    public static TensorSlot FromWire(V1.Slot slot) => slot switch
    {
        V1.Slot.Unspecified => TensorSlot.Weights,
        V1.Slot.Weights => TensorSlot.Weights,
        V1.Slot.FirstMoment => TensorSlot.FirstMoment,
        V1.Slot.SecondMoment => TensorSlot.SecondMoment,
        V1.Slot.MaxSecondMoment => TensorSlot.MaxSecondMoment,
        V1.Slot.Average => TensorSlot.Average,
        V1.Slot.Accumulator => TensorSlot.Accumulator,
        V1.Slot.RowSteps => TensorSlot.RowSteps,
        _ => throw ErrorTranslator.BrokenContract($"The service sent the slot {(int)slot}, which was not asked for."),
    };

    private static StepOutcome FromWire(V1.BatchOutcome outcome) => outcome switch
    {
        V1.BatchOutcome.Applied => StepOutcome.Applied,
        V1.BatchOutcome.Accumulated => StepOutcome.Accumulated,
        V1.BatchOutcome.Skipped => StepOutcome.Skipped,
        V1.BatchOutcome.Duplicate => StepOutcome.Duplicate,
        V1.BatchOutcome.StaleLossScale => StepOutcome.StaleLossScale,
        V1.BatchOutcome.Late => StepOutcome.Late,
        V1.BatchOutcome.Rejected => StepOutcome.Rejected,
        _ => StepOutcome.Unknown,
    };
}
