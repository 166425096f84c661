using Adam.Engine.Options;

namespace Adam.Engine.Schedules;

/// <summary>The one check that five of the six schedules share.</summary>
internal static class ScheduleChecks
{
    public static IReadOnlyList<OptionError> StepsArePositive(string field, double steps) =>
        steps <= 0
            ? [new OptionError(field, $"Argument `{field}` must be > 0. Received: {field}={PythonRepr.OfCount(steps)}")]
            : [];
}
