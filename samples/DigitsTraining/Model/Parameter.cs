using System.Collections.Immutable;

namespace Adam.Samples.DigitsTraining.Model;

/// <summary>One array of weights: its Keras path and its shape.</summary>
internal sealed record Parameter(string Name, ImmutableArray<long> Shape)
{
    public int ElementCount => (int)Shape.Aggregate(1L, (product, dimension) => product * dimension);
}
