namespace Adam.Fuzz.Running;

/// <summary>What the command line says.</summary>
internal sealed record FuzzSettings
{
    /// <summary>The targets; empty for all.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>Inputs of each target in a round.</summary>
    public required long Inputs { get; init; }

    /// <summary>What the inputs are drawn with; each round of a run of hours takes the next.</summary>
    public required ulong Seed { get; init; }

    /// <summary>How long to go on with rounds; 0 for one round.</summary>
    public required double Hours { get; init; }

    /// <summary>How many threads share the inputs of a target.</summary>
    public required int Threads { get; init; }

    /// <summary>The number of the only input to run, or null.</summary>
    public required long? Index { get; init; }

    /// <summary>A file that is the only input to run, or null.</summary>
    public required string? File { get; init; }

    /// <summary>The folder of the seeds.</summary>
    public required string Seeds { get; init; }

    /// <summary>The folder for failing inputs.</summary>
    public required string Findings { get; init; }
}
