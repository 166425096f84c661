using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Errors;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Codec;

public sealed class TensorWireTests
{
    private static readonly VariableSpec Single = new("a", [3]);
    private static readonly VariableSpec Half = new("h", [3]) { DType = TensorDType.Float16 };
    private static readonly VariableSpec HalfGradients = new("g", [3]) { GradientDType = TensorDType.Float16 };

    [Fact]
    public void Encode_Numbers_AreLittleEndianBytes()
    {
        using var buffer = TensorBuffer.Of([1f, -2.5f, float.PositiveInfinity]);
        using var half = TensorBuffer.Of([(System.Half)1f, (System.Half)(-2.5f)]);

        Assert.Equal([0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0, 0, 0, 0x80, 0x7F], TensorWire.Encode(buffer.View).ToByteArray());
        Assert.Equal([0, 0x3C, 0, 0xC1], TensorWire.Encode(half.View).ToByteArray());
    }

    [Fact]
    public void Decode_Bytes_KeepsEveryBitOfANaN()
    {
        using var buffer = TensorBuffer.Of([9f, 9f, 9f]);

        TensorWire.Decode([0x01, 0x02, 0xA0, 0x7F, 0x00, 0x00, 0x00, 0x80], buffer.View, 1);

        Assert.Equal([0x41100000u, 0x7FA00201u, 0x80000000u], buffer.View.Span<float>().ToArray().Select(BitConverter.SingleToUInt32Bits));
    }

    [Fact]
    public void Encode_Slice_SerializesAsTheSliceAlone()
    {
        using var buffer = TensorBuffer.Of([1f, 2f, 3f, 4f]);

        var chunk = new TensorChunk { Data = TensorWire.Encode(buffer.View.Slice(1, 2)) };

        Assert.Equal(Floats.ToBytes([2, 3]), TensorChunk.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(chunk)).Data);
    }

    [Fact]
    public void Encode_Nothing_IsEmpty()
    {
        using var buffer = new TensorBuffer(TensorDType.Float32, 0);

        Assert.True(TensorWire.Encode(buffer.View).IsEmpty);
    }

    [Fact]
    public void GradientEncoding_Dtypes_AreTheirsOrTheTensors()
    {
        Assert.Equal(("float32", TensorDType.Float32), EncodingOf(DType.Unspecified, Single));
        Assert.Equal(("float16", TensorDType.Float16), EncodingOf(DType.Unspecified, Half));
        Assert.Equal(("float16", TensorDType.Float16), EncodingOf(DType.Unspecified, HalfGradients));
        Assert.Equal(("bfloat16", TensorDType.BFloat16), EncodingOf(DType.Bfloat16, Single));
        Assert.Equal(("float16", TensorDType.Float16), EncodingOf(DType.Float16, Single));
        Assert.Equal(("float64", TensorDType.Float32), EncodingOf(DType.Float64, Single));
        Assert.Equal(("float64", TensorDType.Float16), EncodingOf(DType.Float64, HalfGradients));
        Assert.Equal(("int8-block", TensorDType.Float32), EncodingOf(DType.Int8Blocks, HalfGradients));
    }

    [Fact]
    public void GradientEncoding_UnknownDtype_IsRefused() => Assert.Equal(
        ErrorReason.InvalidField, Assert.Throws<ServiceException>(() => TensorWire.GradientEncoding((DType)77, Single, "dtype")).Reason);

    [Fact]
    public void Count_OfBytes_TurnsBytesOfElementsAround()
    {
        foreach (var encoding in (ElementEncoding[])
            [PlainEncoding.Of(TensorDType.Float32), PlainEncoding.Of(TensorDType.BFloat16), Float64Encoding.For(TensorDType.Float32), Int8BlocksEncoding.Instance])
        {
            var whole = new HashSet<int>();
            foreach (var elements in Enumerable.Range(0, 5000))
            {
                var bytes = (int)encoding.Bytes(elements);
                Assert.Equal(elements, encoding.Count(bytes));
                Assert.True(whole.Add(bytes));
            }

            Assert.All(Enumerable.Range(0, 5000).Except(whole), bytes => Assert.Equal(-1, encoding.Count(bytes)));
        }
    }

    [Theory]
    [InlineData(DType.Float16, ErrorReason.NotImplemented)]
    [InlineData(DType.Bfloat16, ErrorReason.NotImplemented)]
    [InlineData((DType)77, ErrorReason.InvalidField)]
    public void ThrowIfConverted_OtherDtype_IsRefused(DType dtype, ErrorReason reason) =>
        Assert.Equal(reason, Assert.Throws<ServiceException>(() => TensorWire.ThrowIfConverted(dtype, Single, "dtype")).Reason);

    [Fact]
    public void ThrowIfConverted_OwnDtype_IsFine()
    {
        TensorWire.ThrowIfConverted(DType.Unspecified, Single, "dtype");
        TensorWire.ThrowIfConverted(DType.Float32, Single, "dtype");
        TensorWire.ThrowIfConverted(DType.Float16, Half, "dtype");
    }

    [Fact]
    public void Of_EnumValue_IsItsNameInTheContract()
    {
        Assert.Equal("SLOT_MAX_SECOND_MOMENT", WireName.Of(Slot.MaxSecondMoment));
        Assert.Equal("99", WireName.Of((Slot)99));
    }

    private static (string Name, TensorDType Held) EncodingOf(DType dtype, VariableSpec tensor)
    {
        var encoding = TensorWire.GradientEncoding(dtype, tensor, "dtype");
        return (encoding.Name, encoding.Held);
    }
}
