namespace Adam.Bench.GrpcBench;

/// <summary>Sizes that both sides agree on.</summary>
internal static class Payload
{
    /// <summary>The elements of a message: 1 MiB.</summary>
    public const int MessageBytes = 1 << 20;

    /// <summary>The body of a small call.</summary>
    public const int SmallBytes = 100;
}
