using Adam.Engine.Options;

namespace Adam.Engine.Schedules;

/// <summary>The checks that five of the six schedules share.</summary>
internal static class ScheduleChecks
{
    public static List<OptionError> StepsArePositive(LearningRateSchedule schedule, string field, double steps)
    {
        string received = schedule.PythonTypes.Repr(field, steps, isCount: true);
        return steps <= 0 ? [new OptionError(field, $"Argument `{field}` must be > 0. Received: {field}={received}")] : [];
    }

    /// <summary>Where Keras computes in integers, each parameter must survive its cast to int32.</summary>
    public static List<OptionError> FitIntegers(
        this List<OptionError> errors, LearningRateSchedule schedule, params ReadOnlySpan<(string Field, double? Value)> parameters)
    {
        if (!schedule.IsInteger)
        {
            return errors;
        }

        foreach ((string field, double? value) in parameters)
        {
            if (value is { } number && !IntegerArithmetic.Fits(number))
            {
                errors.Add(new OptionError(
                    field,
                    $"{PythonRepr.Of(number)} does not fit a 32-bit integer, in which Keras computes because `initial_learning_rate` is an "
                    + "integer. Write `initial_learning_rate` as a float, e.g. 1.0 instead of 1."));
            }
        }

        return errors;
    }
}
