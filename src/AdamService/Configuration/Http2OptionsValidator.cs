using Microsoft.Extensions.Options;

namespace Adam.Service.Configuration;

/// <summary>Checks <see cref="Http2Options"/> at start and reports every error at once.</summary>
internal sealed class Http2OptionsValidator : IValidateOptions<Http2Options>
{
    private const double SecondsMin = 0.05;
    private const double PingSecondsMin = 1;
    private const double SecondsMax = 86_400;
    private const int CountMax = 1_000_000;

    public ValidateOptionsResult Validate(string? name, Http2Options options)
    {
        var errors = new List<string>();
        Check(nameof(options.ConnectionsMax), options.ConnectionsMax, 1, CountMax);
        Check(nameof(options.ConnectionsPerAddressMax), options.ConnectionsPerAddressMax, 0, CountMax);
        CheckTime(nameof(options.KeepAliveSeconds), options.KeepAliveSeconds, SecondsMin);
        CheckTime(nameof(options.PrefaceSeconds), options.PrefaceSeconds, SecondsMin);
        CheckTime(nameof(options.RequestHeadersSeconds), options.RequestHeadersSeconds, SecondsMin);
        CheckTime(nameof(options.PingDelaySeconds), options.PingDelaySeconds, PingSecondsMin);
        CheckTime(nameof(options.PingTimeoutSeconds), options.PingTimeoutSeconds, PingSecondsMin);
        Check(nameof(options.StreamsPerConnectionMax), options.StreamsPerConnectionMax, 1, 10_000);
        Check(nameof(options.HeaderBytesMax), options.HeaderBytesMax, 1 << 10, 1 << 20);
        Check(nameof(options.HeaderCountMax), options.HeaderCountMax, 8, 1000);
        Check(nameof(options.HeaderTableBytes), options.HeaderTableBytes, 0, 64 << 10);
        Check(nameof(options.FrameBytesMax), options.FrameBytesMax, 16 << 10, (16 << 20) - 1);
        Check(nameof(options.ConnectionWindowBytes), options.ConnectionWindowBytes, 64 << 10, 1 << 30);
        Check(nameof(options.StreamWindowBytes), options.StreamWindowBytes, 64 << 10, Math.Max(64 << 10, options.ConnectionWindowBytes));
        Check(nameof(options.SettingsAndPingsPerSecondMax), options.SettingsAndPingsPerSecondMax, 0, CountMax);
        Check(nameof(options.PrioritiesAndWindowUpdatesPerSecondMax), options.PrioritiesAndWindowUpdatesPerSecondMax, 0, CountMax);
        Check(nameof(options.ResetsPerSecondMax), options.ResetsPerSecondMax, 0, CountMax);
        Check(nameof(options.EmptyFramesInARowMax), options.EmptyFramesInARowMax, 0, CountMax);
        Check(nameof(options.ContinuationsPerBlockMax), options.ContinuationsPerBlockMax, 0, CountMax);
        CheckTime(nameof(options.CallIdleSeconds), options.CallIdleSeconds, SecondsMin);
        Check(nameof(options.CallBytesMin), options.CallBytesMin, 1, 1 << 30);
        Check(nameof(options.UnsentBytesMax), options.UnsentBytesMax, 1 << 20, long.MaxValue);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Check(string option, long value, long min, long max)
        {
            if (value < min || value > max)
            {
                errors.Add($"{Http2Options.Section}:{option} must be {min} to {max}, not {value}.");
            }
        }

        // Not a number is in no range.
        void CheckTime(string option, double value, double min)
        {
            if (!(value >= min && value <= SecondsMax))
            {
                errors.Add($"{Http2Options.Section}:{option} must be {min} to {SecondsMax}, not {value}.");
            }
        }
    }
}
