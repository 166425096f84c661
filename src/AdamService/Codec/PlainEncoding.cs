using Adam.Engine;

namespace Adam.Service.Codec;

/// <summary>Elements as they lie in memory: float32, float16, bfloat16, which the engine reads as gradients, and counts of rows.</summary>
internal sealed class PlainEncoding : ElementEncoding
{
    private static readonly PlainEncoding Float32 = new("float32", TensorDType.Float32);
    private static readonly PlainEncoding Float16 = new("float16", TensorDType.Float16);
    private static readonly PlainEncoding BFloat16 = new("bfloat16", TensorDType.BFloat16);

    private static readonly PlainEncoding Int32 = new("int32", TensorDType.Int32);

    private readonly int _size;

    private PlainEncoding(string name, TensorDType held)
    {
        Name = name;
        Held = held;
        _size = held.ElementBytes();
    }

    public override string Name { get; }

    public override TensorDType Held { get; }

    public override bool IsVerbatim => true;

    public override string WholeData => $"data of whole {Name} elements (a multiple of {_size} bytes)";

    /// <summary>The encoding of a type.</summary>
    public static PlainEncoding Of(TensorDType dtype) => dtype switch
    {
        TensorDType.Float32 => Float32,
        TensorDType.Float16 => Float16,
        TensorDType.BFloat16 => BFloat16,
        TensorDType.Int32 => Int32,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not an element type."),
    };

    public override UInt128 Bytes(long elements) => (UInt128)elements * (UInt128)_size;

    public override int Count(int bytes) => bytes % _size == 0 ? bytes / _size : -1;

    public override void Decode(ReadOnlySpan<byte> data, TensorView tensor, long offset)
    {
        if (tensor.DType == Held)
        {
            TensorWire.Decode(data, tensor, offset);
        }
        else
        {
            GradientConversion.ToFloat32(Held, data, tensor, offset);
        }
    }
}
