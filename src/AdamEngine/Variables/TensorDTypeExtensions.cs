namespace Adam.Engine;

/// <summary>Sizes of element types.</summary>
public static class TensorDTypeExtensions
{
    /// <summary>Bytes of one element.</summary>
    /// <param name="dtype">The element type.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such type.</exception>
    public static int ElementBytes(this TensorDType dtype) => dtype switch
    {
        TensorDType.Float32 or TensorDType.Int32 => 4,
        TensorDType.Float16 or TensorDType.BFloat16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "There is no such element type."),
    };
}
