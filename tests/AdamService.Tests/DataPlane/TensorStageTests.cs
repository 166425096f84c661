using Adam.Engine;
using Adam.Service.DataPlane;
using Adam.Service.Errors;
using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Tests.DataPlane;

public sealed class TensorStageTests
{
    private static readonly VariableSpec Matrix = new("dense/kernel", [2, 3]);

    [Fact]
    public void Add_PiecesInAnyOrder_FillsTheTensor()
    {
        var budget = Budgets.Of(1000);
        using var stage = new TensorStage(Matrix, TensorDType.Float32, budget);

        stage.Add(4, Floats.ToBytes([4, 5]));
        stage.Add(0, Floats.ToBytes([0]));
        stage.Add(1, Floats.ToBytes([1, 2, 3]));
        stage.ThrowIfIncomplete();

        Bits.AssertSame([0, 1, 2, 3, 4, 5], stage.Elements.Span<float>(), "elements");
        Assert.Equal(24, budget.ReservedBytes);
    }

    [Fact]
    public void Dispose_Twice_GivesTheMemoryBackOnce()
    {
        var budget = Budgets.Of(1000);
        var stage = new TensorStage(Matrix, TensorDType.Float32, budget);

        stage.Dispose();
        stage.Dispose();

        Assert.Equal(0, budget.ReservedBytes);
        Assert.Throws<ObjectDisposedException>(() => stage.Elements.ElementCount);
    }

    [Fact]
    public void Constructor_NoMemory_RefusesAndReservesNothing()
    {
        var budget = Budgets.Of(23);

        var refusal = Assert.Throws<ServiceException>(() => new TensorStage(Matrix, TensorDType.Float32, budget));

        Assert.Equal(ErrorReason.LimitExceeded, refusal.Reason);
        Assert.Equal(0, budget.ReservedBytes);
    }

    [Fact]
    public void Add_RefusedPiece_ChangesNothing()
    {
        using var stage = new TensorStage(Matrix, TensorDType.Float32, Budgets.Of(1000));
        stage.Add(2, Floats.ToBytes([2, 3]));

        Assert.Throws<ServiceException>(() => stage.Add(1, Floats.ToBytes([9, 9])));
        stage.Add(0, Floats.ToBytes([0, 1]));
        stage.Add(4, Floats.ToBytes([4, 5]));

        Bits.AssertSame([0, 1, 2, 3, 4, 5], stage.Elements.Span<float>(), "elements");
    }

    [Fact]
    public void AddWhole_WrongSize_NamesShapeAndSizes()
    {
        using var stage = new TensorStage(Matrix, TensorDType.Float32, Budgets.Of(1000));

        var refusal = Assert.Throws<ServiceException>(() => stage.AddWhole(ByteString.CopyFrom(new byte[20])));

        Assert.Equal(
            "Tensor 'dense/kernel': expected 24 bytes (6 float32 elements, shape [2, 3]), received 20 bytes.", refusal.Message);
        Assert.False(stage.IsStarted);
    }

    [Fact]
    public void Add_EveryOtherElement_IsRefusedAtTheLimitOfGaps()
    {
        var scattered = new VariableSpec("t", [(Coverage.RunsMax * 2) + 1]);
        using var stage = new TensorStage(scattered, TensorDType.Float32, Budgets.Of(1 << 20));
        for (var i = 0; i < Coverage.RunsMax; i++)
        {
            stage.Add((ulong)i * 2, Floats.ToBytes([1]));
        }

        var refusal = Assert.Throws<ServiceException>(() => stage.Add((ulong)Coverage.RunsMax * 2, Floats.ToBytes([1])));

        Assert.Equal(ErrorReason.TensorMismatch, refusal.Reason);
        Assert.Contains("at most 4096 gaps", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 0 }, 0)]
    [InlineData(new long[0], 1)]
    public void Add_EmptyAndScalarTensors_AreTensorsToo(long[] shape, int elements)
    {
        using var stage = new TensorStage(new VariableSpec("t", [.. shape]), TensorDType.Float32, Budgets.Of(1000));

        stage.Add(0, Floats.ToBytes(new float[elements]));
        stage.ThrowIfIncomplete();

        Assert.Equal(elements, stage.Elements.ElementCount);
    }
}
