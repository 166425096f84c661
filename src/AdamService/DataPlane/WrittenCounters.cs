using System.Globalization;
using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>The counters that a write sets together with slots, to resume a training.</summary>
internal static class WrittenCounters
{
    /// <summary>Refuses counts of rows that no training has.</summary>
    /// <exception cref="ServiceException">INVALID_FIELD; nothing was written.</exception>
    public static void CheckRows(IReadOnlyDictionary<(int Tensor, AdamSlot Slot), TensorStage> stages, SessionDefinition session)
    {
        const int Piece = 1 << 20;
        foreach (var ((tensor, slot), stage) in stages)
        {
            for (long start = 0, count = slot == AdamSlot.RowSteps ? stage.Elements.ElementCount : 0; start < count; start += Piece)
            {
                var steps = stage.Elements.Span<int>(start, (int)Math.Min(Piece, count - start));
                if (steps.IndexOfAnyInRange(int.MinValue, -1) is var place and >= 0)
                {
                    throw Invalid(
                        "chunk.data",
                        $"SLOT_ROW_STEPS of tensor '{session.Tensors[tensor].Path}': row {start + place} has {steps[place]} updates, and a count is 0 or more");
                }
            }
        }
    }

    /// <summary>Refuses counters that the session cannot have.</summary>
    /// <exception cref="ServiceException">INVALID_FIELD; nothing was written.</exception>
    public static void Check(WriteCommit commit, AdamOptimizer optimizer)
    {
        if (commit.HasIterations)
        {
            CheckIterations(commit.Iterations, "commit.iterations");
        }

        foreach (var (group, iterations) in commit.GroupIterations)
        {
            if (group >= optimizer.Groups.Length)
            {
                throw Invalid("commit.group_iterations", $"there is no group {group}; the session has {optimizer.Groups.Length}");
            }

            CheckIterations(iterations, "commit.group_iterations");
        }

        if (commit.LossScale is not { } scale)
        {
            return;
        }

        if (optimizer.LossScale is null)
        {
            throw Invalid("commit.loss_scale", "the session has no dynamic loss scale");
        }

        if (scale.StepCounter is < 0 or > int.MaxValue || scale.SkippedSteps > long.MaxValue)
        {
            throw Invalid("commit.loss_scale", $"counters are 0 to {int.MaxValue}");
        }
    }

    /// <summary>Sets the counters that were checked.</summary>
    public static void Apply(WriteCommit commit, AdamOptimizer optimizer)
    {
        foreach (var group in optimizer.Groups)
        {
            if (commit.GroupIterations.TryGetValue((uint)group.Index, out var iterations))
            {
                group.SetIterations(iterations);
            }
            else if (commit.HasIterations)
            {
                group.SetIterations(commit.Iterations);
            }
        }

        if (commit.LossScale is { } scale)
        {
            optimizer.LossScale!.Set(scale.Scale, (int)scale.StepCounter, (long)scale.SkippedSteps);
        }
    }

    private static void CheckIterations(long iterations, string field)
    {
        if (iterations is < 0 or > AdamOptimizer.MaxIterations)
        {
            throw Invalid(field, $"expected 0 to {AdamOptimizer.MaxIterations}, received {iterations}");
        }
    }

    private static ServiceException Invalid(string field, string message) => new(
        ErrorReason.InvalidField, string.Create(CultureInfo.InvariantCulture, $"{field}: {message}; nothing was written."), ("fields", field));
}
