using Microsoft.Extensions.Options;

namespace Adam.Service.Configuration;

/// <summary>Checks <see cref="DurabilityOptions"/> at start and reports every error at once.</summary>
internal sealed class DurabilityOptionsValidator : IValidateOptions<DurabilityOptions>
{
    private static readonly string[] Tiers = ["AUTO", "MEMORY", "SNAPSHOT", "LOG"];

    public ValidateOptionsResult Validate(string? name, DurabilityOptions options)
    {
        var errors = new List<string>();
        if (!Tiers.Contains(options.DefaultTier))
        {
            errors.Add($"{NameOf(nameof(options.DefaultTier))} must be one of {string.Join(", ", Tiers)}, not '{options.DefaultTier}'.");
        }
        else if (options.Directory.Length == 0 && options.DefaultTier is "SNAPSHOT" or "LOG")
        {
            errors.Add(
                $"{NameOf(nameof(options.DefaultTier))} is {options.DefaultTier}, which needs a place on disk: set {NameOf(nameof(options.Directory))}.");
        }

        Check(nameof(options.AutoLogParameterBytesMax), options.AutoLogParameterBytesMax, 0, long.MaxValue);
        Check(nameof(options.SnapshotsKept), options.SnapshotsKept, 1, 1000);
        Check(nameof(options.SnapshotsKeptEvery), options.SnapshotsKeptEvery, 0, long.MaxValue);
        Check(nameof(options.LogSegmentBytes), options.LogSegmentBytes, 1 << 20, 1L << 40);
        if (options.LogBytesMax != 0)
        {
            Check(nameof(options.LogBytesMax), options.LogBytesMax, 16 << 20, long.MaxValue);
        }

        CheckReal(nameof(options.SnapshotEverySeconds), options.SnapshotEverySeconds, 86_400);
        CheckReal(nameof(options.SnapshotAfterLogOfStates), options.SnapshotAfterLogOfStates, 1000);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Check(string option, long value, long min, long max)
        {
            if (value < min || value > max)
            {
                errors.Add($"{NameOf(option)} must be {min} to {max}, not {value}.");
            }
        }

        void CheckReal(string option, double value, double max)
        {
            if (value is not >= 1 || value > max)
            {
                errors.Add($"{NameOf(option)} must be 1 to {max}, not {value}.");
            }
        }
    }

    private static string NameOf(string option) => $"{DurabilityOptions.Section}:{option}";
}
