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
}
