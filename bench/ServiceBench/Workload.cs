using System.Collections.Immutable;
using Adam.Bench.StepBench;

namespace Adam.Bench.ServiceBench;

/// <summary>A model that is trained.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Lengths">The elements of each of its tensors.</param>
internal sealed record Workload(string Name, IReadOnlyList<long> Lengths)
{
    /// <summary>All that are measured.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("flat, 32 Mi", [32 << 20]) { RowLength = 1024 },
        new("GPT-2 small", Models.Gpt2Small()) { RowLength = 768 },
        new("ResNet-50", Models.ResNet50()),
        Small,
    ];

    /// <summary>A model whose steps are all overhead.</summary>
    public static Workload Small => new("1,000 parameters", [784, 200, 16]) { RowLength = 8 };

    /// <summary>What only shows that everything runs.</summary>
    public static IReadOnlyList<Workload> Quick { get; } = [new("flat, 64 Ki", [1 << 16]) { RowLength = 64 }, Small];

    /// <summary>The elements of a row of the first tensor, which is a table of embeddings. Null: it is none.</summary>
    public long? RowLength { get; init; }

    /// <summary>Elements of all tensors together.</summary>
    public long Parameters => Lengths.Sum();

    /// <summary>Whether a step is too short to be worth streams and threads.</summary>
    public bool IsSmall => Parameters <= 1000;

    /// <summary>The shape of each tensor.</summary>
    public IReadOnlyList<ImmutableArray<long>> Shapes =>
        [.. Lengths.Select((length, index) => index == 0 && RowLength is { } row ? ImmutableArray.Create(length / row, row) : [length])];
}
