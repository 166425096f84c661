namespace Adam.Client;

/// <summary>What may be said about a write.</summary>
public sealed record WriteOptions
{
    internal static readonly WriteOptions Default = new();

    /// <summary>The version that the session must still have when the write is committed. Null: whatever it has. Default: null.</summary>
    public ulong? IfVersion { get; init; }

    /// <summary>Keras's raw counter, 0 to 2^31 - 1, set together with the values. Null: it stays as it is. Default: null.</summary>
    public long? Iterations { get; init; }
}
