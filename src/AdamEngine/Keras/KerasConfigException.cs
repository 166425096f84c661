namespace Adam.Engine;

/// <summary>A Keras configuration was refused, or options have no Keras form; <see cref="Errors"/> lists every reason.</summary>
public sealed class KerasConfigException : ArgumentException
{
    /// <summary>Creates the exception for one or more errors.</summary>
    /// <param name="errors">
    /// Every reason; the message joins them, one a line. On import the fields are paths into the JSON, such as
    /// <c>config.inner_optimizer.config.clipnorm</c>; on export they are those of <see cref="OptimizerOptionsValidator"/>.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="errors"/> is null.</exception>
    public KerasConfigException(IReadOnlyList<OptionError> errors)
        : base(Describe(errors))
    {
        Errors = errors;
    }

    /// <summary>Every reason.</summary>
    public IReadOnlyList<OptionError> Errors { get; }

    private static string Describe(IReadOnlyList<OptionError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        return string.Join('\n', errors.Select(error => error.Field.Length == 0 ? error.Message : $"{error.Field}: {error.Message}"));
    }
}
