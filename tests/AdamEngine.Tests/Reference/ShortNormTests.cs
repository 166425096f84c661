using Adam.Engine.Kernels;
using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Reference;

/// <summary>
/// Clipping by norms where its roundings show: float16 gradients whose squares lie far from a float16 number, and limits that are not a
/// float32. Draws meet these too seldom.
/// </summary>
public sealed class ShortNormTests
{
    public static TheoryData<TensorDType, bool> Kinds => new()
    {
        { TensorDType.Float16, false },
        { TensorDType.Float16, true },
        { TensorDType.Float32, false },
        { TensorDType.Float32, true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Apply_Float16Gradients_AreClippedInFloat16(TensorDType variable, bool isGlobal)
    {
        AdamOptions options = isGlobal ? new AdamOptions { GlobalClipNorm = 0.7 } : new AdamOptions { ClipNorm = 0.7 };
        for (int bits = 0x3C01; bits < 0x4000; bits += 31)
        {
            foreach (int length in new[] { 3, 9, 130 })
            {
                float[] gradient = [.. Enumerable.Repeat((float)BitConverter.UInt16BitsToHalf((ushort)bits), length)];
                Compare(options, new VariableSpec("a", [length]) { DType = variable, GradientDType = TensorDType.Float16 }, gradient);
            }
        }
    }

    [Theory]
    [InlineData(0.7)]
    [InlineData(3.3)]
    [InlineData(0.3)]
    [InlineData(0.37)]
    [InlineData(1.7)]
    [InlineData(2.3)]
    [InlineData(5.1)]
    [InlineData(0.013)]
    public void Apply_GlobalNormBelowTheLimit_ScalesByTheRoundedInverse(double limit) =>
        Compare(new AdamOptions { GlobalClipNorm = limit }, new VariableSpec("a", [3]), [1e-3f, 2.3e-3f, 1.7e-3f]);

    private static void Compare(AdamOptions options, VariableSpec variable, float[] gradient)
    {
        var expected = new ArrayAdam(options, [variable], [new float[gradient.Length]]);
        TensorDType type = variable.GradientDType ?? variable.DType;
        expected.Apply([(0, new NumpyArray(type, gradient))], null, null);
        foreach (KernelWidth width in Enum.GetValues<KernelWidth>())
        {
            using var engine = new AdamOptimizer(OptimizerOptions.Of(options), [variable], null, width);

            engine.Step((0, gradient));

            string where = $"{width}, {variable.DType}, {gradient.Length} times {gradient[0]}";
            Bits.AssertSame(expected.M[0].Values, engine.Floats(0, AdamSlot.FirstMoment), where);
            Bits.AssertSame(expected.V[0].Values, engine.Floats(0, AdamSlot.SecondMoment), where);
        }
    }
}
