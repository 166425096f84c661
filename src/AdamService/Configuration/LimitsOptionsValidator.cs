using Microsoft.Extensions.Options;

namespace Adam.Service.Configuration;

/// <summary>Checks <see cref="LimitsOptions"/> at start and reports every error at once.</summary>
internal sealed class LimitsOptionsValidator : IValidateOptions<LimitsOptions>
{
    // What a message holds beside the data of a chunk: field tags, the tensor's index, offset and dtype.
    private const int MessageOverheadBytes = 4096;

    public ValidateOptionsResult Validate(string? name, LimitsOptions options)
    {
        var errors = new List<string>();
        Check(nameof(options.MessageBytesMax), options.MessageBytesMax, 64 << 10, 1 << 30);
        Check(nameof(options.ChunkBytesMax), options.ChunkBytesMax, 4096, Math.Max(4096, options.MessageBytesMax - MessageOverheadBytes));
        Check(nameof(options.MemoryBytes), options.MemoryBytes, 0, long.MaxValue);
        Check(nameof(options.TenantMemoryBytes), options.TenantMemoryBytes, 0, long.MaxValue);
        Check(nameof(options.SessionMemoryBytes), options.SessionMemoryBytes, 0, long.MaxValue);
        Check(nameof(options.SessionsMax), options.SessionsMax, 1, 1_000_000);
        Check(nameof(options.TensorsPerSessionMax), options.TensorsPerSessionMax, 1, 100_000);
        Check(nameof(options.WorkersPerSessionMax), options.WorkersPerSessionMax, 1, 100_000);
        Check(nameof(options.QueuedPerSessionMax), options.QueuedPerSessionMax, 1, 10_000);
        Check(nameof(options.CreditsPerStream), options.CreditsPerStream, 1, 64);
        Check(nameof(options.StagingIdleSeconds), options.StagingIdleSeconds, 0, 86_400);
        Check(nameof(options.IdleSeconds), options.IdleSeconds, 0, 315_360_000);
        Check(nameof(options.OpenBatchesPerSessionMax), options.OpenBatchesPerSessionMax, 1, 10_000);
        Check(nameof(options.OpenBatchBytesPerSessionMax), options.OpenBatchBytesPerSessionMax, 0, long.MaxValue);
        Check(nameof(options.OpenBatchIdleSeconds), options.OpenBatchIdleSeconds, 1, 86_400);
        if (options.ReaderPatienceSeconds is not (>= 0 and <= 600))
        {
            errors.Add(
                $"{LimitsOptions.Section}:{nameof(options.ReaderPatienceSeconds)} must be 0 to 600, not {options.ReaderPatienceSeconds}.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Check(string option, long value, long min, long max)
        {
            if (value < min || value > max)
            {
                errors.Add($"{LimitsOptions.Section}:{option} must be {min} to {max}, not {value}.");
            }
        }
    }
}
