namespace Adam.Engine.Numerics;

/// <summary>Keras's rounding of a number at the moment it meets an array of a type.</summary>
internal static class Rounded
{
    /// <summary>A Python number, rounded once.</summary>
    public static float To(TensorDType dtype, double value) => dtype == TensorDType.Float16 ? (float)(Half)value : (float)value;

    /// <summary>A float32 result that belongs to an array of the type.</summary>
    public static float To(TensorDType dtype, float value) => dtype == TensorDType.Float16 ? (float)(Half)value : value;

    /// <summary>The type of an operation on two types.</summary>
    public static TensorDType Promote(TensorDType left, TensorDType right) =>
        left == TensorDType.Float16 && right == TensorDType.Float16 ? TensorDType.Float16 : TensorDType.Float32;
}
