using Adam.Engine;

namespace Adam.Service.Codec;

/// <summary>
/// Signed bytes with one float32 scale for each block of 2048: first all scales of the chunk, then all values. An element is scale times value,
/// in float32.
/// </summary>
internal sealed class Int8BlocksEncoding : ElementEncoding
{
    private const int Block = GradientConversion.Int8BlockElements;
    private const int ScaleBytes = sizeof(float);

    private Int8BlocksEncoding()
    {
    }

    /// <summary>The encoding.</summary>
    public static Int8BlocksEncoding Instance { get; } = new();

    public override string Name => "int8-block";

    public override TensorDType Held => TensorDType.Float32;

    public override int OffsetMultiple => Block;

    public override string WholeData =>
        $"{ScaleBytes} bytes of scale for each {Block} int8 elements or the rest of them, and behind the scales one byte for each element";

    public override UInt128 Bytes(long elements) =>
        (UInt128)elements + (((UInt128)elements + (Block - 1)) / Block * ScaleBytes);

    public override int Count(int bytes)
    {
        // The last block has its scale and at least one value.
        var (whole, rest) = Math.DivRem(bytes, Block + ScaleBytes);
        return rest switch
        {
            0 => whole * Block,
            <= ScaleBytes => -1,
            _ => (whole * Block) + rest - ScaleBytes,
        };
    }

    public override bool MayBeFollowed(int elements) => elements % Block == 0;

    public override void Decode(ReadOnlySpan<byte> data, TensorView tensor, long offset)
    {
        var scales = (Count(data.Length) + Block - 1) / Block * ScaleBytes;
        GradientConversion.FromInt8Blocks(data[..scales], data[scales..], tensor, offset);
    }
}
