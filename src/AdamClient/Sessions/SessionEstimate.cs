namespace Adam.Client;

/// <summary>What a session would cost, and whether it would be made now.</summary>
public sealed record SessionEstimate
{
    /// <summary>Bytes for parameters and slots.</summary>
    public required ulong StateBytes { get; init; }

    /// <summary>Bytes for one batch in flight with a float32 gradient of every trainable tensor, beside the state.</summary>
    public required ulong StagingBytes { get; init; }

    /// <summary>Bytes that a step moves between memory and processor.</summary>
    public required ulong StepBytes { get; init; }

    /// <summary>The time of one step of the engine, without the transfer of gradients and weights, nobody else using the machine.</summary>
    public required TimeSpan StepTime { get; init; }

    /// <summary>Bytes that the session could have now.</summary>
    public required ulong FreeBytes { get; init; }

    /// <summary>Null if it would be made now; otherwise which limit stands in the way, by how much, and how to raise it.</summary>
    public required string? Refusal { get; init; }
}
