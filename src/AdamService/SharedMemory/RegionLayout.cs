using System.Collections.Immutable;
using Adam.Engine;

namespace Adam.Service.SharedMemory;

/// <summary>Where tensors lie in a region: one behind the other in the order of their indices, each on a cache line.</summary>
internal sealed class RegionLayout
{
    private const long Alignment = 64;
    private const long PageBytes = 4096;

    private RegionLayout(ImmutableArray<Place> places, long bytes)
    {
        Places = places;
        Bytes = bytes;
    }

    /// <summary>The tensors that the region has, in the order of their indices.</summary>
    public ImmutableArray<Place> Places { get; }

    /// <summary>The length of the region: whole pages, at least one.</summary>
    public long Bytes { get; }

    /// <summary>The gradients of a session's trainable tensors, each in its gradient type.</summary>
    /// <exception cref="OverflowException">They take more than 2^63 - 1 bytes.</exception>
    public static RegionLayout OfGradients(IReadOnlyList<VariableSpec> tensors) =>
        Make(tensors, 0, static tensor => tensor.Role == VariableRole.Trainable ? tensor.GradientDType ?? tensor.DType : null);

    /// <summary>The weights of all of a session's tensors, behind a header.</summary>
    /// <exception cref="OverflowException">They take more than 2^63 - 1 bytes.</exception>
    public static RegionLayout OfWeights(IReadOnlyList<VariableSpec> tensors) =>
        Make(tensors, WeightsHeader.Bytes + WeightsHeader.StaggerBytes, static tensor => tensor.DType);

    private static RegionLayout Make(IReadOnlyList<VariableSpec> tensors, long first, Func<VariableSpec, TensorDType?> typeOf)
    {
        var places = ImmutableArray.CreateBuilder<Place>();
        var offset = first;
        for (var index = 0; index < tensors.Count; index++)
        {
            if (typeOf(tensors[index]) is { } dtype)
            {
                places.Add(new Place(index, offset, dtype, tensors[index].ElementCount));
                offset = RoundUp(checked(offset + tensors[index].ElementCount * dtype.ElementBytes()), Alignment);
            }
        }

        return new RegionLayout(places.ToImmutable(), RoundUp(Math.Max(offset, 1), PageBytes));
    }

    private static long RoundUp(long value, long multiple) => checked(value + multiple - 1) / multiple * multiple;

    /// <summary>The place of a tensor.</summary>
    /// <param name="Tensor">Its index.</param>
    /// <param name="Offset">Its first byte.</param>
    /// <param name="DType">How an element is stored.</param>
    /// <param name="ElementCount">How many there are.</param>
    internal readonly record struct Place(int Tensor, long Offset, TensorDType DType, long ElementCount)
    {
        /// <summary>How many bytes its elements take.</summary>
        public long Bytes => ElementCount * DType.ElementBytes();
    }
}
