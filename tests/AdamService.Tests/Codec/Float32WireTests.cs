using Adam.Service.Codec;
using Adam.Service.Errors;
using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Tests.Codec;

public sealed class Float32WireTests
{
    [Fact]
    public void Encode_Numbers_AreLittleEndianBytes()
    {
        var bytes = Float32Wire.Encode(new[] { 1f, -2.5f, float.PositiveInfinity });

        Assert.Equal([0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0, 0, 0, 0x80, 0x7F], bytes.ToByteArray());
    }

    [Fact]
    public void Decode_Bytes_KeepsEveryBitOfANaN()
    {
        var elements = new float[2];

        Float32Wire.Decode([0x01, 0x02, 0xA0, 0x7F, 0x00, 0x00, 0x00, 0x80], elements);

        Assert.Equal(0x7FA00201u, BitConverter.SingleToUInt32Bits(elements[0]));
        Assert.Equal(0x80000000u, BitConverter.SingleToUInt32Bits(elements[1]));
    }

    [Fact]
    public void Encode_Slice_SerializesAsTheSliceAlone()
    {
        float[] elements = [1, 2, 3, 4];

        var chunk = new TensorChunk { Data = Float32Wire.Encode(elements.AsMemory(1, 2)) };

        Assert.Equal(Floats.ToBytes([2, 3]), TensorChunk.Parser.ParseFrom(chunk.ToByteArray()).Data);
    }

    [Fact]
    public void Encode_Nothing_IsEmpty() => Assert.True(Float32Wire.Encode(Memory<float>.Empty).IsEmpty);

    [Theory]
    [InlineData(DType.Float16, ErrorReason.NotImplemented)]
    [InlineData(DType.Int8Blocks, ErrorReason.NotImplemented)]
    [InlineData((DType)77, ErrorReason.InvalidField)]
    public void ThrowIfOther_OtherDtype_IsRefused(DType dtype, ErrorReason reason) =>
        Assert.Equal(reason, Assert.Throws<ServiceException>(() => Float32Wire.ThrowIfOther(dtype, "dtype")).Reason);

    [Theory]
    [InlineData(DType.Unspecified)]
    [InlineData(DType.Float32)]
    public void ThrowIfOther_Float32_IsFine(DType dtype) => Float32Wire.ThrowIfOther(dtype, "dtype");

    [Fact]
    public void Of_EnumValue_IsItsNameInTheContract()
    {
        Assert.Equal("SLOT_MAX_SECOND_MOMENT", WireName.Of(Slot.MaxSecondMoment));
        Assert.Equal("99", WireName.Of((Slot)99));
    }
}
