using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.DataPlane;
using Adam.Service.Errors;
using Adam.Service.Tests.Support;
using Adam.Service.Tests.Tensors;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Tests.DataPlane;

public sealed class TensorStageTests
{
    private static readonly VariableSpec Matrix = new("dense/kernel", [2, 3]);
    private static readonly ElementEncoding Float32 = PlainEncoding.Of(TensorDType.Float32);

    [Fact]
    public void Add_PiecesInAnyOrder_FillsTheTensor()
    {
        var budget = Budgets.Of(1000);
        using var stage = new TensorStage(Matrix, TensorDType.Float32, Budgets.Staging(budget));

        stage.Add(4, Float32, Floats.ToBytes([4, 5]));
        stage.Add(0, Float32, Floats.ToBytes([0]));
        stage.Add(1, Float32, Floats.ToBytes([1, 2, 3]));
        stage.ThrowIfIncomplete();

        Bits.AssertSame([0, 1, 2, 3, 4, 5], stage.Elements.Span<float>(), "elements");
        Assert.Equal(24, budget.ReservedBytes);
    }

    [Fact]
    public void Dispose_Twice_GivesTheMemoryBackOnce()
    {
        var budget = Budgets.Of(1000);
        var stage = new TensorStage(Matrix, TensorDType.Float32, Budgets.Staging(budget));

        stage.Dispose();
        stage.Dispose();

        Assert.Equal(0, budget.ReservedBytes);
        Assert.Throws<ObjectDisposedException>(() => stage.Elements.ElementCount);
    }

    [Fact]
    public void Constructor_NoMemory_RefusesAndReservesNothing()
    {
        var budget = Budgets.Of(23);

        var refusal = Assert.Throws<ServiceException>(() => new TensorStage(Matrix, TensorDType.Float32, Budgets.Staging(budget)));

        Assert.Equal(ErrorReason.LimitExceeded, refusal.Reason);
        Assert.Equal(0, budget.ReservedBytes);
    }

    [Fact]
    public void Add_RefusedPiece_ChangesNothing()
    {
        using var stage = new TensorStage(Matrix, TensorDType.Float32, Budgets.Staging(Budgets.Of(1000)));
        stage.Add(2, Float32, Floats.ToBytes([2, 3]));

        Assert.Throws<ServiceException>(() => stage.Add(1, Float32, Floats.ToBytes([9, 9])));
        stage.Add(0, Float32, Floats.ToBytes([0, 1]));
        stage.Add(4, Float32, Floats.ToBytes([4, 5]));

        Bits.AssertSame([0, 1, 2, 3, 4, 5], stage.Elements.Span<float>(), "elements");
    }

    [Fact]
    public void AddWhole_WrongSize_NamesShapeAndSizes()
    {
        using var stage = new TensorStage(Matrix, TensorDType.Float32, Budgets.Staging(Budgets.Of(1000)));

        var refusal = Assert.Throws<ServiceException>(() => stage.AddWhole(Float32, ByteString.CopyFrom(new byte[20])));

        Assert.Equal(
            "Tensor 'dense/kernel': expected 24 bytes (6 float32 elements, shape [2, 3]), received 20 bytes.", refusal.Message);
        Assert.False(stage.IsStarted);
    }

    [Fact]
    public void Add_EveryOtherElement_IsRefusedAtTheLimitOfGaps()
    {
        var scattered = new VariableSpec("t", [(Coverage.RunsMax * 2) + 1]);
        using var stage = new TensorStage(scattered, TensorDType.Float32, Budgets.Staging(Budgets.Of(1 << 20)));
        for (var i = 0; i < Coverage.RunsMax; i++)
        {
            stage.Add((ulong)i * 2, Float32, Floats.ToBytes([1]));
        }

        var refusal = Assert.Throws<ServiceException>(() => stage.Add((ulong)Coverage.RunsMax * 2, Float32, Floats.ToBytes([1])));

        Assert.Equal(ErrorReason.TensorMismatch, refusal.Reason);
        Assert.Contains("at most 4096 gaps", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 0 }, 0)]
    [InlineData(new long[0], 1)]
    public void Add_EmptyAndScalarTensors_AreTensorsToo(long[] shape, int elements)
    {
        using var stage = new TensorStage(new VariableSpec("t", [.. shape]), TensorDType.Float32, Budgets.Staging(Budgets.Of(1000)));

        stage.Add(0, Float32, Floats.ToBytes(new float[elements]));
        stage.ThrowIfIncomplete();

        Assert.Equal(elements, stage.Elements.ElementCount);
    }

    [Theory]
    [InlineData(DType.Float32, TensorDType.Float32)]
    [InlineData(DType.Float16, TensorDType.Float16)]
    [InlineData(DType.Bfloat16, TensorDType.BFloat16)]
    [InlineData(DType.Float64, TensorDType.Float32)]
    [InlineData(DType.Int8Blocks, TensorDType.Float32)]
    public void Add_EveryEncodingInOneBytePieces_HoldsTheNumbersThatWereSent(DType dtype, TensorDType held)
    {
        var tensor = new VariableSpec("t", [5000]);
        var numbers = Floats.Random(5000, 5);
        var encoding = TensorWire.GradientEncoding(dtype, tensor, "dtype");
        var budget = Budgets.Of(1 << 20);
        using var stage = new TensorStage(tensor, encoding.Held, Budgets.Staging(budget));

        foreach (var (start, end) in ((int, int)[])[(4096, 5000), (0, 4096)])
        {
            var message = new TrainRequest { Chunk = Encoded.Chunk(dtype, 0, start, numbers.AsSpan(start..end)) };
            var received = TensorMarshallers.TrainRequest.ContextualDeserializer(new SegmentedPayload(message.ToByteArray(), 1));
            stage.Add(received.Chunk.Offset, encoding, received.Chunk.Data);
        }

        stage.ThrowIfIncomplete();
        Assert.Equal(held, stage.DType);
        Assert.Equal(5000 * held.ElementBytes(), budget.ReservedBytes);
        using var wide = new TensorBuffer(TensorDType.Float32, 5000);
        GradientConversion.ToFloat32(stage.DType, stage.Elements.Bytes(0, 5000), wide.View, 0);
        float[] expected = [.. Encoded.Of(dtype, numbers.AsSpan(0, 4096)).Values, .. Encoded.Of(dtype, numbers.AsSpan(4096)).Values];
        Bits.AssertSame(expected, wide.View.Span<float>(), "elements");
    }

    [Fact]
    public void Add_SpecialValuesInEveryEncoding_StayWhatTheyAre()
    {
        float[] numbers = [0, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1];
        foreach (var dtype in (DType[])[DType.Float32, DType.Float16, DType.Bfloat16, DType.Float64])
        {
            var encoding = TensorWire.GradientEncoding(dtype, Matrix, "dtype");
            using var stage = new TensorStage(Matrix, TensorDType.Float32, Budgets.Staging(Budgets.Of(1000)));

            stage.AddWhole(encoding, Encoded.Of(dtype, numbers).Data);

            Bits.AssertSame(numbers, stage.Elements.Span<float>(), $"{dtype}");
        }
    }

    [Theory]
    [InlineData(DType.Float16, DType.Bfloat16)]
    [InlineData(DType.Float16, DType.Float32)]
    [InlineData(DType.Bfloat16, DType.Float64)]
    [InlineData(DType.Float32, DType.Float16)]
    public void Add_ChunksOfTwoTypes_HoldsBothAsFloat32(DType first, DType second)
    {
        var budget = Budgets.Of(1000);
        var (before, after) = (TensorWire.GradientEncoding(first, Matrix, "dtype"), TensorWire.GradientEncoding(second, Matrix, "dtype"));
        var numbers = Floats.Random(6, 9);
        using var stage = new TensorStage(Matrix, before.Held, Budgets.Staging(budget));

        stage.Add(3, before, Encoded.Of(first, numbers.AsSpan(3)).Data);
        stage.Add(0, after, Encoded.Of(second, numbers.AsSpan(0, 3)).Data);

        Assert.Equal((TensorDType.Float32, 24), (stage.DType, budget.ReservedBytes));
        Bits.AssertSame(
            [.. Encoded.Of(second, numbers.AsSpan(0, 3)).Values, .. Encoded.Of(first, numbers.AsSpan(3)).Values], stage.Elements.Span<float>(), "elements");
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Bfloat16)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Int8Blocks)]
    public void Add_ChunkWithoutElementsOfAnotherType_ChangesNothing(DType dtype)
    {
        using var stage = new TensorStage(Matrix, TensorDType.Float16, Budgets.Staging(Budgets.Of(1000)));

        stage.Add(0, TensorWire.GradientEncoding(dtype, Matrix, "dtype"), ByteString.Empty);

        Assert.Equal((TensorDType.Float16, 6), (stage.DType, stage.MissingCount));
        Assert.True(stage.IsStarted);
    }

    [Fact]
    public void Add_Float64OfAFloat16Gradient_IsRoundedOnceWhateverHoldsIt()
    {
        var tensor = new VariableSpec("t", [3]) { GradientDType = TensorDType.Float16 };
        var encoding = TensorWire.GradientEncoding(DType.Float64, tensor, "dtype");
        var trap = 1 + Math.Pow(2, -11) + Math.Pow(2, -40);
        var data = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<double>([trap, 1e-9, -65520]));
        foreach (var held in (TensorDType[])[TensorDType.Float16, TensorDType.Float32])
        {
            using var stage = new TensorStage(tensor, held, Budgets.Staging(Budgets.Of(1000)));

            stage.AddWhole(encoding, data);

            float[] elements = held == TensorDType.Float32
                ? stage.Elements.Span<float>().ToArray()
                : [.. stage.Elements.Span<Half>().ToArray().Select(value => (float)value)];
            Bits.AssertSame([1.0009765625f, 0, float.NegativeInfinity], elements, $"{held}");
        }
    }

    [Fact]
    public void Add_WiderTypeWithoutMemoryForIt_RefusesAndChangesNothing()
    {
        var budget = Budgets.Of(30);
        using var stage = new TensorStage(Matrix, TensorDType.Float16, Budgets.Staging(budget));
        stage.Add(0, PlainEncoding.Of(TensorDType.Float16), Encoded.Of(DType.Float16, [1, 2, 3]).Data);

        var refusal = Assert.Throws<ServiceException>(() => stage.Add(3, Float32, Floats.ToBytes([4, 5, 6])));
        stage.Add(3, PlainEncoding.Of(TensorDType.Float16), Encoded.Of(DType.Float16, [4, 5, 6]).Data);

        Assert.Equal(ErrorReason.LimitExceeded, refusal.Reason);
        Assert.Equal([1, 2, 3, 4, 5, 6], stage.Elements.Span<Half>().ToArray().Select(value => (float)value));
    }

    [Theory]
    [InlineData(1, 2052, "int8-block chunks that begin at multiples of 2048 elements", "one that begins at 1")]
    [InlineData(0, 104, "int8-block chunks of multiples of 2048 elements, but for the last of the tensor", "elements 0 to 100 of 5000")]
    [InlineData(4096, 4, "4 bytes of scale for each 2048 int8 elements or the rest of them, and behind the scales one byte for each element", "4 bytes")]
    [InlineData(4096, 2052, "elements within 0 to 5000 (shape [5000])", "elements 4096 to 6144")]
    public void Add_Int8BlocksThatDoNotFit_SaysWhatWasExpected(int offset, int bytes, string expected, string received)
    {
        var tensor = new VariableSpec("dense/kernel", [5000]);
        using var stage = new TensorStage(tensor, TensorDType.Float32, Budgets.Staging(Budgets.Of(1 << 20)));

        var refusal = Assert.Throws<ServiceException>(
            () => stage.Add((ulong)offset, Int8BlocksEncoding.Instance, ByteString.CopyFrom(new byte[bytes])));

        Assert.Equal($"Tensor 'dense/kernel': expected {expected}, received {received}.", refusal.Message);
        Assert.False(stage.IsStarted);
    }

    [Fact]
    public void GoBackTo_AMark_ForgetsWhatCameSince()
    {
        using var stage = new TensorStage(Matrix, TensorDType.Float32, Budgets.Staging(Budgets.Of(1000)));
        stage.Add(1, Float32, Floats.ToBytes([1]));
        var mark = stage.Mark();
        stage.Add(0, Float32, Floats.ToBytes([9]));
        stage.Add(2, Float32, Floats.ToBytes([9, 9]));

        stage.GoBackTo(mark);
        Assert.Equal(5, stage.MissingCount);
        Assert.Throws<ServiceException>(() => stage.Add(1, Float32, Floats.ToBytes([9])));
        stage.Add(2, Float32, Floats.ToBytes([2, 3, 4, 5]));
        stage.Add(0, Float32, Floats.ToBytes([0]));

        stage.ThrowIfIncomplete();
        Bits.AssertSame([0, 1, 2, 3, 4, 5], stage.Elements.Span<float>(), "elements");
    }
}
