namespace Adam.Client.Internal;

/// <summary>Element types, to the wire and back, and what they take.</summary>
internal static class ElementTypes
{
    public static int Bytes(TensorDType dtype) => dtype is TensorDType.Float32 or TensorDType.Int32 ? 4 : 2;

    public static V1.DType ToWire(TensorDType dtype) => dtype switch
    {
        TensorDType.Float32 => V1.DType.Float32,
        TensorDType.Float16 => V1.DType.Float16,
        TensorDType.BFloat16 => V1.DType.Bfloat16,
        TensorDType.Int32 => V1.DType.Int32,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not an element type."),
    };

    /// <returns>The type; "not said" stands for float32, and one of a later contract is unknown.</returns>
    public static TensorDType FromWire(V1.DType dtype) => dtype switch
    {
        V1.DType.Unspecified or V1.DType.Float32 => TensorDType.Float32,
        V1.DType.Float16 => TensorDType.Float16,
        V1.DType.Bfloat16 => TensorDType.BFloat16,
        V1.DType.Int32 => TensorDType.Int32,
        _ => TensorDType.Unknown,
    };
}
