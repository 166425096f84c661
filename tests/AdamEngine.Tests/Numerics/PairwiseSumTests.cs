using Adam.Engine.Numerics;
using Adam.Engine.Tests.Reference;
using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Numerics;

public sealed class PairwiseSumTests
{
    public static TheoryData<int> LengthsAroundBlocks =>
    [
        .. from block in new[] { 1, 2, 3 }
           from offset in new[] { -129, -9, -8, -1, 0, 1, 7, 8, 9, 128, 129 }
           select block * 8192 + offset,
    ];

    [Fact]
    public void Of_EveryLengthTo300_FollowsTheScheme()
    {
        for (int length = 0; length <= 300; length++)
        {
            AssertFollowsScheme(length);
        }
    }

    [Theory]
    [MemberData(nameof(LengthsAroundBlocks))]
    public void Of_LengthAroundBlocks_FollowsTheScheme(int length) => AssertFollowsScheme(length);

    [Fact]
    public void Of_Nothing_IsZero() => Assert.Equal(0u, BitConverter.SingleToUInt32Bits(PairwiseSum.Of([])));

    [Fact]
    public void Of_OnlyNegativeZeros_IsPositiveZero() =>
        Assert.Equal(0u, BitConverter.SingleToUInt32Bits(PairwiseSum.Of([-0f, -0f])));

    private static void AssertFollowsScheme(int length)
    {
        var random = new SeededRandom((ulong)length);
        float[] values = [.. Enumerable.Range(0, length).Select(_ => (float)random.Between(-1, 1))];

        Bits.AssertSame(ReferenceSum.Of(values), PairwiseSum.Of(values), $"sum of {length}");
    }
}
