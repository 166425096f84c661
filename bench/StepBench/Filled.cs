using Adam.Engine;

namespace Adam.Bench.StepBench;

/// <summary>Tensors with ordinary numbers in them, every page of them touched.</summary>
internal static class Filled
{
    public static TensorBuffer Gradient(TensorDType dtype, long elements)
    {
        var buffer = new TensorBuffer(dtype, elements);
        for (long start = 0; start < elements; start += 1 << 20)
        {
            int count = (int)Math.Min(1 << 20, elements - start);
            for (int i = 0; i < count; i++)
            {
                float value = (i % 97 - 48) * 0.001f;
                switch (dtype)
                {
                    case TensorDType.Float32:
                        buffer.View.Span<float>(start, count)[i] = value;
                        break;
                    case TensorDType.Float16:
                        buffer.View.Span<Half>(start, count)[i] = (Half)value;
                        break;
                    default:
                        buffer.View.Span<ushort>(start, count)[i] = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
                        break;
                }
            }
        }

        return buffer;
    }
}
