using System.Runtime.Intrinsics;

namespace Adam.Engine.Kernels;

/// <summary>How many elements a kernel works on side by side. The bits of the results are the same for all.</summary>
internal enum KernelWidth
{
    Scalar = 1,
    Vector128 = 4,
    Vector256 = 8,
    Vector512 = 16,
}

/// <summary>Which widths the machine has.</summary>
internal static class KernelWidths
{
    /// <summary>The widest one that the machine computes in one instruction.</summary>
    public static KernelWidth Best { get; } =
        Vector512.IsHardwareAccelerated ? KernelWidth.Vector512
        : Vector256.IsHardwareAccelerated ? KernelWidth.Vector256
        : Vector128.IsHardwareAccelerated ? KernelWidth.Vector128
        : KernelWidth.Scalar;
}
