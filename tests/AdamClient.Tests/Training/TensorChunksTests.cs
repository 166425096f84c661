using Adam.Client.Internal;

namespace Adam.Client.Tests.Training;

public sealed class TensorChunksTests
{
    [Theory]
    [InlineData(int.MaxValue, ulong.MaxValue, 5)]
    [InlineData(int.MaxValue, 1UL << 30, 8)]
    [InlineData(10, 12UL, 4)]
    [InlineData(9, 12UL, 3)]
    [InlineData(2, 0UL, 2)]
    [InlineData(0, 12UL, 0)]
    public void Parts_AnyLength_CoverEveryElementOnce(int elements, ulong chunkBytesMax, int expectedCount)
    {
        var parts = TensorChunks.Parts(elements, chunkBytesMax).ToList();

        Assert.Equal(expectedCount, parts.Count);
        var next = 0L;
        foreach (var (offset, length) in parts)
        {
            Assert.Equal(next, offset);
            Assert.InRange(length, 1, int.MaxValue / sizeof(float));
            next += length;
        }

        Assert.Equal(elements, next);
    }
}
