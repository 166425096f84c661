using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;
using Google.Protobuf.WellKnownTypes;

namespace Adam.Service.ControlPlane;

/// <summary>Changes what of a session can be changed.</summary>
internal static class SessionUpdater
{
    private const string Labels = "labels";
    private const string Rate = "learning_rate";

    /// <summary>Checks an update and returns the change that it means, to be run in the session's queue.</summary>
    /// <exception cref="ServiceException">INVALID_FIELD: the mask or a value is wrong.</exception>
    public static Action<SessionCore> Read(UpdateSessionRequest request)
    {
        var errors = new FieldErrors();
        var update = request.Update ?? new SessionUpdate();
        var paths = request.UpdateMask?.Paths.Distinct().ToList() ?? [];
        if (paths.Count == 0)
        {
            errors.Add("update_mask", $"say what changes: {Labels}, {Rate}.");
        }

        foreach (var path in paths.Where(path => path is not (Labels or Rate)))
        {
            errors.Add("update_mask", $"'{path}' cannot be changed; {Labels} and {Rate} can.");
        }

        // Only what the mask names is read.
        var labels = paths.Contains(Labels) ? LabelReader.Read(update.Labels, "update.labels", errors) : null;
        Engine.LearningRate? rate = null;
        if (paths.Contains(Rate))
        {
            rate = LearningRateMapping.Read(update.LearningRate, "update.learning_rate", errors);
            if (rate is null && errors.IsEmpty)
            {
                errors.Add("update.learning_rate", "say the new rate.");
            }
        }

        errors.ThrowIfAny(ErrorReason.InvalidField);
        return core =>
        {
            // The rate first: it may be refused, and then nothing may have changed.
            if (rate is not null)
            {
                SetLearningRate(core, update.Group, rate, update.ReplaceSchedule);
            }

            if (labels is not null)
            {
                core.SetLabels(labels);
            }

            core.NextVersion();
        };
    }

    /// <summary>What of an accepted update means something: no more than this is kept of it.</summary>
    public static UpdateSessionRequest Canonical(UpdateSessionRequest request)
    {
        var canonical = new UpdateSessionRequest { Update = new SessionUpdate(), UpdateMask = new FieldMask() };
        canonical.UpdateMask.Paths.Add(request.UpdateMask.Paths.Distinct());
        if (canonical.UpdateMask.Paths.Contains(Labels))
        {
            canonical.Update.Labels.Add(request.Update.Labels);
        }

        if (canonical.UpdateMask.Paths.Contains(Rate))
        {
            canonical.Update.LearningRate = request.Update.LearningRate;
            (canonical.Update.ReplaceSchedule, canonical.Update.Group) = (request.Update.ReplaceSchedule, request.Update.Group);
        }

        return canonical;
    }

    private static void SetLearningRate(SessionCore core, uint group, Engine.LearningRate rate, bool replaceSchedule)
    {
        var groups = core.Optimizer.Groups;
        if (group >= groups.Length)
        {
            throw new ServiceException(
                ErrorReason.InvalidField,
                $"update.group: there is no group {group}; the session has {groups.Length}, 0 to {groups.Length - 1}.",
                ("fields", "update.group"));
        }

        try
        {
            groups[(int)group].SetLearningRate(rate, replaceSchedule);
        }
        catch (LearningRateException refused)
        {
            throw new ServiceException(
                ErrorReason.ScheduleActive,
                $"{refused.Message} Here: set update.replace_schedule, or send another schedule.",
                ("fields", "update.learning_rate"));
        }
        catch (AdamOptionsException invalid)
        {
            var errors = new FieldErrors();
            foreach (var error in invalid.Errors)
            {
                errors.Add($"update.{error.Field}", error.Message);
            }

            errors.ThrowIfAny(ErrorReason.InvalidOptimizer);
        }
    }
}
