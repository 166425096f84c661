namespace Adam.Engine.Tests.Reference;

/// <summary>
/// A flat array with the rules of NumPy 2 that Keras's numpy backend computes by: every operation rounds to the wider type of its
/// operands, a Python number takes the type of the array that it meets, and float16 is computed exactly and rounded once.
/// </summary>
internal sealed record NumpyArray(TensorDType DType, float[] Values)
{
    public static NumpyArray operator +(NumpyArray left, NumpyArray right) => Combine(left, right, (a, b) => a + b);

    public static NumpyArray operator -(NumpyArray left, NumpyArray right) => Combine(left, right, (a, b) => a - b);

    public static NumpyArray operator *(NumpyArray left, NumpyArray right) => Combine(left, right, (a, b) => a * b);

    public static NumpyArray operator /(NumpyArray left, NumpyArray right) => Combine(left, right, (a, b) => a / b);

    public static NumpyArray operator -(double left, NumpyArray right) => right.Number(left) - right;

    public static NumpyArray operator *(NumpyArray left, double right) => left * left.Number(right);

    public static NumpyArray operator /(NumpyArray left, double right) => left / left.Number(right);

    public static NumpyArray operator /(double left, NumpyArray right) => right.Number(left) / right;

    public static NumpyArray Stack(IReadOnlyList<NumpyArray> scalars) => new(
        scalars.Any(scalar => scalar.DType == TensorDType.Float32) ? TensorDType.Float32 : TensorDType.Float16,
        [.. scalars.Select(scalar => scalar.Values[0])]);

    /// <summary>A Python number that meets this array.</summary>
    public NumpyArray Number(double value) => new(DType, [Round(DType, value)]);

    public NumpyArray Cast(TensorDType dtype) => new(dtype, [.. Values.Select(value => Round(dtype, value))]);

    public NumpyArray Sqrt() => Map(Math.Sqrt);

    public NumpyArray Maximum(NumpyArray other) => Combine(this, other, (a, b) => double.IsNaN(a) || double.IsNaN(b) ? double.NaN : a > b ? a : b);

    public NumpyArray Minimum(NumpyArray other) => Combine(this, other, (a, b) => double.IsNaN(a) || double.IsNaN(b) ? double.NaN : a < b ? a : b);

    /// <summary>The libraries' float32 power, of short operands too.</summary>
    public NumpyArray Power(NumpyArray exponent) => Combine(this, exponent, (a, b) => MathF.Pow((float)a, (float)b));

    /// <summary>The sum of all elements.</summary>
    public NumpyArray Sum() => new(DType, [DType == TensorDType.Float32 ? ReferenceSum.Of(Values) : ShortSum(Values)]);

    private static float ShortSum(float[] values) =>
        values.Chunk(8192).Aggregate(0f, (total, block) => Round(TensorDType.Float16, (double)total + ReferenceSum.Of(block)));

    private static float Round(TensorDType dtype, double value) => dtype == TensorDType.Float16 ? (float)(Half)value : (float)value;

    private static NumpyArray Combine(NumpyArray left, NumpyArray right, Func<double, double, double> operation)
    {
        TensorDType dtype = left.DType == right.DType ? left.DType : TensorDType.Float32;
        float[] values = new float[left.Values.Length == 1 && right.Values.Length != 1 ? right.Values.Length : left.Values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            float a = left.Values[left.Values.Length == 1 ? 0 : i];
            float b = right.Values[right.Values.Length == 1 ? 0 : i];
            values[i] = Round(dtype, operation(a, b));
        }

        return new NumpyArray(dtype, values);
    }

    private NumpyArray Map(Func<double, double> operation) => new(DType, [.. Values.Select(value => Round(DType, operation(value)))]);
}
