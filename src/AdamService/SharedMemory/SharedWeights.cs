using Adam.Engine;

namespace Adam.Service.SharedMemory;

/// <summary>The region in which the weights of a session lie, seen by all its workers. Changed in the session's queue alone.</summary>
internal sealed unsafe class SharedWeights : IDisposable
{
    /// <summary>Wraps a region.</summary>
    /// <param name="region">The region; owned from now on.</param>
    public SharedWeights(SharedRegion region)
    {
        Region = region;
        Header = new WeightsHeader(region.Mapping.Address);
    }

    /// <summary>The region.</summary>
    public SharedRegion Region { get; }

    /// <summary>What readers look at.</summary>
    public WeightsHeader Header { get; }

    /// <summary>Memory for the weights of each tensor, until this is disposed of.</summary>
    public TensorView[] Views() =>
        [.. Region.Layout.Places.Select(place => new TensorView(Region.Mapping.Address + place.Offset, place.DType, place.ElementCount))];

    public void Dispose() => Region.Dispose();
}
