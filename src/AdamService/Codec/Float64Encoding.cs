using Adam.Engine;

namespace Adam.Service.Codec;

/// <summary>float64, which is rounded to the type of the tensor's gradient as it comes.</summary>
internal sealed class Float64Encoding : ElementEncoding
{
    private static readonly Float64Encoding ToFloat32 = new(TensorDType.Float32);
    private static readonly Float64Encoding ToFloat16 = new(TensorDType.Float16);

    private Float64Encoding(TensorDType held) => Held = held;

    public override string Name => "float64";

    public override TensorDType Held { get; }

    public override string WholeData => $"data of whole float64 elements (a multiple of {sizeof(double)} bytes)";

    /// <summary>The encoding for a tensor.</summary>
    /// <param name="gradient">The type of its gradient.</param>
    public static Float64Encoding For(TensorDType gradient) => gradient == TensorDType.Float16 ? ToFloat16 : ToFloat32;

    public override UInt128 Bytes(long elements) => (UInt128)elements * sizeof(double);

    public override int Count(int bytes) => bytes % sizeof(double) == 0 ? bytes / sizeof(double) : -1;

    public override void Decode(ReadOnlySpan<byte> data, TensorView tensor, long offset)
    {
        if (tensor.DType == Held)
        {
            GradientConversion.FromFloat64(data, tensor, offset);
        }
        else
        {
            DecodeWider(data, tensor, offset);
        }
    }

    // A float16 gradient that is held as float32, because other chunks of it need that, must have the numbers that it would have had.
    private static void DecodeWider(ReadOnlySpan<byte> data, TensorView tensor, long offset)
    {
        const int Piece = 1024;
        Span<Half> halves = stackalloc Half[Piece];
        for (var start = 0; start < data.Length; start += Piece * sizeof(double))
        {
            var doubles = data[start..Math.Min(start + (Piece * sizeof(double)), data.Length)];
            var rounded = halves[..(doubles.Length / sizeof(double))];
            RoundToFloat16(doubles, rounded);
            GradientConversion.ToFloat32(
                TensorDType.Float16, System.Runtime.InteropServices.MemoryMarshal.AsBytes(rounded), tensor, offset + (start / sizeof(double)));
        }
    }

    private static unsafe void RoundToFloat16(ReadOnlySpan<byte> doubles, Span<Half> rounded)
    {
        fixed (Half* room = rounded)
        {
            GradientConversion.FromFloat64(doubles, new TensorView(room, TensorDType.Float16, rounded.Length), 0);
        }
    }
}
