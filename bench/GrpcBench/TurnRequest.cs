using System.Text.Json.Serialization;

namespace Adam.Bench.GrpcBench;

/// <summary>What a client is to do in its turn.</summary>
/// <param name="Part">What is measured.</param>
/// <param name="Pieces">How many messages or calls.</param>
/// <param name="WithLargeObjects">Whether large objects are counted too, for which there is a collection before and after.</param>
internal readonly record struct TurnRequest(Part Part, int Pieces, bool WithLargeObjects)
{
    /// <summary>The generation that is collected before it.</summary>
    [JsonIgnore]
    public int? CollectedBefore => WithLargeObjects ? GC.MaxGeneration : null;

    /// <summary>The generation that is collected after it.</summary>
    [JsonIgnore]
    public int? CollectedAfter => WithLargeObjects ? 0 : null;
}
