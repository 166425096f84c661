using Adam.Client.Internal;

namespace Adam.Client.Tests.Training;

public sealed class TensorChunksTests
{
    [Theory]
    [InlineData(int.MaxValue, 4, ulong.MaxValue, 5)]
    [InlineData(int.MaxValue, 2, ulong.MaxValue, 3)]
    [InlineData(int.MaxValue, 4, 1UL << 30, 8)]
    [InlineData(10, 4, 12UL, 4)]
    [InlineData(9, 4, 12UL, 3)]
    [InlineData(9, 2, 12UL, 2)]
    [InlineData(2, 4, 0UL, 2)]
    [InlineData(0, 4, 12UL, 0)]
    public void Parts_AnyLength_CoverEveryElementOnce(int elements, int elementBytes, ulong chunkBytesMax, int expectedCount)
    {
        var parts = TensorChunks.Parts(elements, elementBytes, chunkBytesMax).ToList();

        Assert.Equal(expectedCount, parts.Count);
        var next = 0L;
        foreach (var (offset, length) in parts)
        {
            Assert.Equal(next, offset);
            Assert.InRange(length, 1, int.MaxValue / elementBytes);
            next += length;
        }

        Assert.Equal(elements, next);
    }
}
