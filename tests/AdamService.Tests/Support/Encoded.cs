using System.Runtime.InteropServices;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Tests.Support;

/// <summary>Gradients in every encoding of the wire, and the float32 numbers that they stand for.</summary>
/// <param name="Data">The bytes.</param>
/// <param name="Values">The numbers.</param>
internal sealed record Encoded(ByteString Data, float[] Values)
{
    /// <summary>Elements that share a scale in int8 blocks.</summary>
    public const int Block = 2048;

    /// <summary>Encodes numbers, of which the short encodings lose digits.</summary>
    public static Encoded Of(DType dtype, ReadOnlySpan<float> values) => dtype switch
    {
        DType.Float64 => Of(MemoryMarshal.AsBytes<double>(Array.ConvertAll(values.ToArray(), value => (double)value + (value * 1e-9))), values),
        DType.Int8Blocks => Int8(values),
        DType.Float16 => Of(Floats.ToBytes(values, dtype).Span, [.. values.ToArray().Select(value => (float)(Half)value)]),
        DType.Bfloat16 => Of(
            Floats.ToBytes(values, dtype).Span,
            [.. values.ToArray().Select(value => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000))]),
        _ => Of(Floats.ToBytes(values).Span, values),
    };

    /// <summary>A chunk of a tensor.</summary>
    public static TensorChunk Chunk(DType dtype, int tensor, int offset, ReadOnlySpan<float> values) =>
        new() { TensorIndex = (uint)tensor, Offset = (ulong)offset, Dtype = dtype, Data = Of(dtype, values).Data };

    private static Encoded Of(ReadOnlySpan<byte> data, ReadOnlySpan<float> values) => new(ByteString.CopyFrom(data), values.ToArray());

    private static Encoded Int8(ReadOnlySpan<float> values)
    {
        var scales = new List<float>();
        var bytes = new List<byte>();
        var decoded = new List<float>();
        foreach (var block in values.ToArray().Chunk(Block))
        {
            var scale = block.Max(Math.Abs) / 127;
            scales.Add(scale);
            foreach (var value in block)
            {
                var quantum = scale > 0 ? (sbyte)Math.Clamp(MathF.Round(value / scale), -127, 127) : (sbyte)0;
                bytes.Add((byte)quantum);
                decoded.Add(scale * quantum);
            }
        }

        return new Encoded(
            ByteString.CopyFrom([.. MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(scales)), .. bytes]), [.. decoded]);
    }
}
