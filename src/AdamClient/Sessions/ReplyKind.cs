namespace Adam.Client;

/// <summary>What a step writes into the buffers of its caller.</summary>
public enum ReplyKind
{
    /// <summary>Nothing: no buffers may be passed.</summary>
    None = 1,

    /// <summary>The weights after the batch.</summary>
    Weights = 2,

    /// <summary>New minus old, rounded once. Adding it to the old weights may miss the new ones by a rounding.</summary>
    Delta = 3,

    /// <summary>The bit patterns of old and new weights, XORed: exact.</summary>
    DeltaXor = 4,

    /// <summary>The moving averages of the weights; only with <see cref="AdamSettings.UseEma"/>.</summary>
    Average = 5,
}
