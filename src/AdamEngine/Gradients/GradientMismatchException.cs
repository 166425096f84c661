namespace Adam.Engine;

/// <summary>The gradients do not fit the optimizer. Nothing was changed. <see cref="Mismatches"/> lists every reason.</summary>
public sealed class GradientMismatchException : ArgumentException
{
    /// <summary>Creates the exception for one or more mismatches.</summary>
    /// <param name="mismatches">Every reason; the message joins them, one a line.</param>
    public GradientMismatchException(IReadOnlyList<GradientMismatch> mismatches)
        : base(Describe(mismatches))
    {
        Mismatches = mismatches;
    }

    /// <summary>Every reason, in the order of the list of gradients.</summary>
    public IReadOnlyList<GradientMismatch> Mismatches { get; }

    private static string Describe(IReadOnlyList<GradientMismatch> mismatches)
    {
        ArgumentNullException.ThrowIfNull(mismatches);
        return string.Join('\n', mismatches.Select(mismatch => mismatch.Message));
    }
}
