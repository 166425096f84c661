namespace Adam.Engine.Tests.State;

public sealed class StepTrafficTests
{
    private static readonly VariableSpec[] Variables = [new("a", [10, 10]), new("b", [])];

    public static TheoryData<OptimizerOptions, int> Options => new()
    {
        { new OptimizerOptions(), 28 },
        { OptimizerOptions.Of(new AdamOptions { AmsGrad = true, UseEma = true, GradientAccumulationSteps = 2 }), 52 },
        { OptimizerOptions.Of(new AdamOptions { ClipNorm = 1 }), 32 },
        { OptimizerOptions.Of(new AdamOptions { GlobalClipNorm = 1 }), 32 },
        { OptimizerOptions.Of(new AdamOptions { ClipValue = 1, WeightDecay = 1 }), 28 },
        { new OptimizerOptions { DynamicLossScale = new DynamicLossScale() }, 32 },
        { new OptimizerOptions { NonFinitePolicy = NonFinitePolicy.Skip }, 32 },
        { new OptimizerOptions { NonFinitePolicy = NonFinitePolicy.Reject }, 32 },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Bytes_Configuration_CountsWhatIsTouched(OptimizerOptions options, int perParameter) =>
        Assert.Equal((UInt128)(101 * perParameter), StepTraffic.Bytes(options, Variables, TensorDType.Float32));

    [Fact]
    public void Bytes_TypesRolesAndSizesBeyond64Bits_AreCounted()
    {
        VariableSpec[] variables =
        [
            new("a", [10]) { DType = TensorDType.Float16 },
            new("frozen", [100]) { Role = VariableRole.Frozen },
            new("buffer", [100]) { Role = VariableRole.Buffer },
            new("rows", [5, 2]) { RowUpdates = RowUpdates.Lazy },
        ];

        Assert.Equal((UInt128)((10 * (12 + 2)) + (10 * (24 + 2))), StepTraffic.Bytes(new OptimizerOptions(), variables, TensorDType.BFloat16));
        Assert.Equal((UInt128)28 << 60, StepTraffic.Bytes(new OptimizerOptions(), [new VariableSpec("huge", [1L << 60])], TensorDType.Float32));
    }
}
