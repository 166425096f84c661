using System.Runtime.Intrinsics;

namespace Adam.V1;

/// <summary>What the processor offers for conversions.</summary>
internal static class ConversionWidths
{
    /// <summary>The widest that it does at full speed.</summary>
    public static ConversionWidth Best { get; } =
        Vector512.IsHardwareAccelerated ? ConversionWidth.Vector512
        : Vector256.IsHardwareAccelerated ? ConversionWidth.Vector256
        : Vector128.IsHardwareAccelerated ? ConversionWidth.Vector128
        : ConversionWidth.Scalar;
}
