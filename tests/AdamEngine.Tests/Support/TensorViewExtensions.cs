namespace Adam.Engine.Tests.Support;

/// <summary>Elements of a tensor as float32, whatever their type.</summary>
internal static class TensorViewExtensions
{
    public static float[] ToFloats(this TensorView view) => view.DType switch
    {
        TensorDType.Float32 => view.Span<float>().ToArray(),
        TensorDType.Int32 => [.. view.Span<int>().ToArray().Select(value => (float)value)],
        TensorDType.Float16 => [.. view.Span<Half>().ToArray().Select(value => (float)value)],
        _ => [.. view.Span<ushort>().ToArray().Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16))],
    };

    /// <summary>Writes elements; float16 ones are rounded, of bfloat16 ones the lower half is dropped.</summary>
    public static void Write(this TensorView view, ReadOnlySpan<float> values)
    {
        Assert.Equal(view.ElementCount, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            switch (view.DType)
            {
                case TensorDType.Float32:
                    view.Span<float>()[i] = values[i];
                    break;
                case TensorDType.Float16:
                    view.Span<Half>()[i] = (Half)values[i];
                    break;
                default:
                    view.Span<ushort>()[i] = (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16);
                    break;
            }
        }
    }
}
