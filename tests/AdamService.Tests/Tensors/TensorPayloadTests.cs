using System.Buffers;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Tests.Tensors;

public sealed class TensorPayloadTests
{
    // A size that no other test of this assembly receives, so that nobody else takes what is given back here.
    private const int Length = 3_000_001;

    [Fact]
    public void CopyFrom_AfterRelease_UsesTheMemoryAgain()
    {
        var first = TensorPayload.CopyFrom(Sequence(1));
        var second = TensorPayload.CopyFrom(Sequence(2));
        Assert.Equal((1, 2), (first[Length - 1], second[Length - 1]));
        Assert.False(first.Span.Overlaps(second.Span));

        TensorPayload.Release(first);
        var third = TensorPayload.CopyFrom(Sequence(3));

        Assert.True(first.Span.Overlaps(third.Span));
        Assert.Equal((2, 3), (second[0], third[0]));
        TensorPayload.Release(second);
        TensorPayload.Release(third);
    }

    [Fact]
    public void Release_Twice_DoesNotGiveTheMemoryToTwo()
    {
        var once = TensorPayload.CopyFrom(Sequence(1));
        TensorPayload.Release(once);
        TensorPayload.Release(once);

        var one = TensorPayload.CopyFrom(Sequence(2));
        var other = TensorPayload.CopyFrom(Sequence(3));

        Assert.False(one.Span.Overlaps(other.Span));
        TensorPayload.Release(one);
        TensorPayload.Release(other);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData((16 << 20) + 1)]
    public void CopyFrom_AnyLength_HasTheElements(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);

        var copy = TensorPayload.CopyFrom(new ReadOnlySequence<byte>(bytes));

        Assert.True(copy.Span.SequenceEqual(bytes));
        TensorPayload.Release(copy);
    }

    [Fact]
    public void Release_ElementsFromElsewhere_AreLeftAlone()
    {
        var foreign = ByteString.CopyFrom(new byte[5000]);

        TensorPayload.Release(foreign);
        TensorPayload.Release(ByteString.Empty);

        Assert.Equal(5000, foreign.Length);
    }

    private static ReadOnlySequence<byte> Sequence(byte value) => new([.. Enumerable.Repeat(value, Length)]);
}
