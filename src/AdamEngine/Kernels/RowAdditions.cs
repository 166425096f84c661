using System.Runtime.Intrinsics;

namespace Adam.Engine.Kernels;

/// <summary>The compiled loops that add rows, by width and types.</summary>
internal static class RowAdditions
{
    /// <summary>The loop for values and sums of certain types.</summary>
    /// <param name="width">The width.</param>
    /// <param name="stored">How values are stored.</param>
    /// <param name="sums">The type in which they are added: float32 or float16.</param>
    /// <exception cref="ArgumentException">There are no values or no sums of such a type.</exception>
    public static RowAddition Of(KernelWidth width, TensorDType stored, TensorDType sums) => (stored, sums) switch
    {
        (TensorDType.Float32, TensorDType.Float32) => Of<Float32Elements, Float32Elements>(width),
        (TensorDType.Float16, TensorDType.Float32) => Of<Float16Elements, Float32Elements>(width),
        (TensorDType.BFloat16, TensorDType.Float32) => Of<BFloat16Elements, Float32Elements>(width),
        (TensorDType.Float32, TensorDType.Float16) => Of<RoundedElements<Float32Elements>, Float16Elements>(width),
        (TensorDType.Float16, TensorDType.Float16) => Of<Float16Elements, Float16Elements>(width),
        (TensorDType.BFloat16, TensorDType.Float16) => Of<RoundedElements<BFloat16Elements>, Float16Elements>(width),
        _ => throw new ArgumentException($"Rows of {stored} cannot be added up as {sums}.", nameof(sums)),
    };

    private static RowAddition Of<TGradient, TSum>(KernelWidth width)
        where TGradient : struct, IGradientElements
        where TSum : struct, IStateElements => width switch
        {
            KernelWidth.Vector512 => Made<Lanes512, Vector512<float>, Vector512<float>, TGradient, TSum>.Addition,
            KernelWidth.Vector256 => Made<Lanes256, Vector256<float>, Sums256, TGradient, TSum>.Addition,
            KernelWidth.Vector128 => Made<Lanes128, Vector128<float>, Sums128, TGradient, TSum>.Addition,
            _ => Made<ScalarLanes, float, ScalarSums, TGradient, TSum>.Addition,
        };

    private static class Made<TLanes, TVector, TLaneSums, TGradient, TSum>
        where TLanes : struct, ILanes<TVector, TLaneSums>
        where TVector : unmanaged
        where TLaneSums : unmanaged
        where TGradient : struct, IGradientElements
        where TSum : struct, IStateElements
    {
        public static readonly RowAddition Addition = new RowAdditionKernel<TLanes, TVector, TLaneSums, TGradient, TSum>();
    }
}
