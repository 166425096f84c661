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
    public void GradientType_Dtypes_AreTheirsOrTheTensors()
    {
        Assert.Equal(TensorDType.Float32, TensorWire.GradientType(DType.Unspecified, Single, "dtype"));
        Assert.Equal(TensorDType.Float16, TensorWire.GradientType(DType.Unspecified, Half, "dtype"));
        Assert.Equal(TensorDType.Float16, TensorWire.GradientType(DType.Unspecified, HalfGradients, "dtype"));
        Assert.Equal(TensorDType.BFloat16, TensorWire.GradientType(DType.Bfloat16, Single, "dtype"));
        Assert.Equal(TensorDType.Float16, TensorWire.GradientType(DType.Float16, Single, "dtype"));
    }

    [Theory]
    [InlineData(DType.Float64, ErrorReason.NotImplemented)]
    [InlineData(DType.Int8Blocks, ErrorReason.NotImplemented)]
    [InlineData((DType)77, ErrorReason.InvalidField)]
    public void GradientType_OtherDtype_IsRefused(DType dtype, ErrorReason reason) =>
        Assert.Equal(reason, Assert.Throws<ServiceException>(() => TensorWire.GradientType(dtype, Single, "dtype")).Reason);

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
}
