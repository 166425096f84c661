using Adam.Engine;
using Adam.Service.SharedMemory;

namespace Adam.Service.Tests.SharedMemory;

/// <summary>Where tensors lie: on cache lines, in order, none over another, within whole pages.</summary>
public sealed class RegionLayoutTests
{
    private static readonly VariableSpec[] Tensors =
    [
        new("a", [17]),
        new("frozen", [3]) { Role = VariableRole.Frozen },
        new("empty", [0]),
        new("halves", [33]) { DType = TensorDType.Float16 },
        new("wide", [1]) { DType = TensorDType.Float16, GradientDType = TensorDType.Float32 },
    ];

    [Fact]
    public void OfGradients_HasTheTrainableTensorsInTheirGradientTypes()
    {
        var layout = RegionLayout.OfGradients(Tensors);

        Assert.Equal(
            [
                (0, 0L, TensorDType.Float32, 68L),
                (2, 128L, TensorDType.Float32, 0L),
                (3, 128L, TensorDType.Float16, 66L),
                (4, 256L, TensorDType.Float32, 4L),
            ],
            layout.Places.Select(place => (place.Tensor, place.Offset, place.DType, place.Bytes)));
        Assert.Equal(4096, layout.Bytes);
    }

    [Fact]
    public void OfWeights_HasAllTensorsBehindTheHeader()
    {
        var layout = RegionLayout.OfWeights(Tensors);

        Assert.Equal(
            [(0, 4416L), (1, 4544L), (2, 4608L), (3, 4608L), (4, 4736L)], layout.Places.Select(place => (place.Tensor, place.Offset)));
        Assert.All(layout.Places, place => Assert.Equal(0, place.Offset % 64));
        Assert.Equal(8192, layout.Bytes);
    }

    [Fact]
    public void OfGradients_WithoutAny_IsAPage()
    {
        Assert.Equal(4096, RegionLayout.OfGradients([new VariableSpec("b", [5]) { Role = VariableRole.Buffer }]).Bytes);
    }
}
