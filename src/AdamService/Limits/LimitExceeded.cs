using System.Globalization;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.V1;

namespace Adam.Service.Limits;

/// <summary>The refusal at a configured bound.</summary>
internal static class LimitExceeded
{
    /// <summary>Says which limit, its value, and the option that raises it.</summary>
    /// <param name="what">What was too much, as a sentence without its end: "The session has 12 tensors".</param>
    /// <param name="option">The property of <see cref="LimitsOptions"/>.</param>
    /// <param name="value">The option's value.</param>
    public static ServiceException Of(string what, string option, long value)
    {
        var name = $"{LimitsOptions.Section}:{option}";
        return new ServiceException(
            ErrorReason.LimitExceeded,
            $"{what}; the limit is {value}. Raise {name} on the service if more is meant.",
            ("limit", option),
            ("value", value.ToString(CultureInfo.InvariantCulture)),
            ("option", name));
    }

    /// <summary>The refusal of memory that the budget has and the system does not.</summary>
    /// <param name="purpose">What for, as it reads in the message: "the state of session 's'".</param>
    /// <param name="bytes">How much was asked for.</param>
    public static ServiceException OfSystem(string purpose, long bytes)
    {
        const string Option = $"{LimitsOptions.Section}:{nameof(LimitsOptions.MemoryBytes)}";
        return new ServiceException(
            ErrorReason.LimitExceeded,
            $"{purpose} needs {bytes} bytes, which {Option} allows and the system refuses. Delete sessions that are no longer used; set {Option} to what the "
            + "machine has.",
            ("limit", "system"),
            ("value", bytes.ToString(CultureInfo.InvariantCulture)),
            ("option", Option));
    }

    /// <summary>The refusal at a bound that a session set for itself.</summary>
    /// <param name="what">What was too much, as a sentence without its end.</param>
    /// <param name="field">The field of <see cref="SessionLimits"/>.</param>
    /// <param name="value">Its value.</param>
    public static ServiceException OfSession(string what, string field, long value) => new(
        ErrorReason.LimitExceeded,
        $"{what}; the session was created with limits.{field} = {value}. Create it with a larger one if more is meant.",
        ("limit", field),
        ("value", value.ToString(CultureInfo.InvariantCulture)),
        ("option", $"limits.{field}"));
}
