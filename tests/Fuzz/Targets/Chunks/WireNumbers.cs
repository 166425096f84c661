using System.Buffers.Binary;
using Adam.Engine;
using Adam.V1;

namespace Adam.Fuzz.Targets.Chunks;

/// <summary>The numbers in the data of a chunk, read one by one.</summary>
internal static class WireNumbers
{
    /// <summary>Elements that share a scale in int8 blocks.</summary>
    public const int Block = 2048;

    private const int ScaleBytes = 4;

    /// <summary>Reads them.</summary>
    /// <param name="dtype">How they are encoded.</param>
    /// <param name="gradient">The type of the tensor's gradient.</param>
    /// <param name="data">The bytes.</param>
    /// <returns>The numbers and the type that holds them; null if there is no such type, or the data ends within an element.</returns>
    public static (TensorDType Held, float[] Values)? Read(DType dtype, TensorDType gradient, ReadOnlySpan<byte> data) => dtype switch
    {
        DType.Unspecified => Read(gradient == TensorDType.Float16 ? DType.Float16 : DType.Float32, gradient, data),
        DType.Float32 => Each(TensorDType.Float32, 4, data, BinaryPrimitives.ReadSingleLittleEndian),
        DType.Float16 => Each(TensorDType.Float16, 2, data, bytes => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes)),
        DType.Bfloat16 => Each(
            TensorDType.BFloat16, 2, data, bytes => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16)),
        DType.Float64 when gradient == TensorDType.Float16 => Each(
            TensorDType.Float16, 8, data, bytes => (float)(Half)BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
        DType.Float64 => Each(TensorDType.Float32, 8, data, bytes => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
        DType.Int8Blocks => Int8(data),
        _ => null,
    };

    private static (TensorDType Held, float[] Values)? Each(TensorDType held, int size, ReadOnlySpan<byte> data, Reader read)
    {
        if (data.Length % size != 0)
        {
            return null;
        }

        var values = new float[data.Length / size];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = read(data[(i * size)..]);
        }

        return (held, values);
    }

    private static (TensorDType Held, float[] Values)? Int8(ReadOnlySpan<byte> data)
    {
        var blocks = 0;
        while (blocks * (Block + ScaleBytes) < data.Length)
        {
            blocks++;
        }

        var count = data.Length - (blocks * ScaleBytes);
        if (count < 0 || (count + Block - 1) / Block != blocks)
        {
            return null;
        }

        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(data[(i / Block * ScaleBytes)..]) * (sbyte)data[(blocks * ScaleBytes) + i];
        }

        return (TensorDType.Float32, values);
    }

    private delegate float Reader(ReadOnlySpan<byte> bytes);
}
