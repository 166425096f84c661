namespace Adam.Engine;

/// <summary>A configuration was refused; <see cref="Errors"/> lists every reason, not only the first.</summary>
public sealed class AdamOptionsException : ArgumentException
{
    /// <summary>Creates the exception for one or more errors.</summary>
    /// <param name="errors">Every reason; the message joins them, one a line.</param>
    public AdamOptionsException(IReadOnlyList<OptionError> errors)
        : base(Describe(errors))
    {
        Errors = errors;
    }

    /// <summary>Every reason, in the order in which the arguments are checked.</summary>
    public IReadOnlyList<OptionError> Errors { get; }

    internal static void ThrowIfAny(IReadOnlyList<OptionError> errors)
    {
        if (errors.Count > 0)
        {
            throw new AdamOptionsException(errors);
        }
    }

    private static string Describe(IReadOnlyList<OptionError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        return string.Join('\n', errors.Select(error => $"{error.Field}: {error.Message}"));
    }
}
