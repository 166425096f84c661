using System.Text;
using Adam.V1;

namespace Adam.Service.Tests.Tensors;

public sealed class Crc32CTests
{
    // RFC 3720, appendix B.4, and the check value of the catalogues.
    public static TheoryData<byte[], uint> Published => new()
    {
        { [], 0 },
        { Encoding.ASCII.GetBytes("123456789"), 0xE3069283 },
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5C },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void Compute_PublishedValues_ComeOutOfBothWays(byte[] bytes, uint expected)
    {
        Assert.Equal(expected, Crc32C.Compute(bytes));
        Assert.Equal(expected, Crc32C.AppendByInstruction(Crc32C.Ones, bytes) ^ Crc32C.Ones);
        Assert.Equal(expected, Crc32C.AppendByTable(Crc32C.Ones, bytes) ^ Crc32C.Ones);
    }

    [Fact]
    public void Append_EveryLengthAndCut_IsTheSameForBothWays()
    {
        byte[] bytes = [.. Enumerable.Range(0, 70).Select(i => (byte)((i * 167) + 13))];
        for (var length = 0; length <= bytes.Length; length++)
        {
            var whole = Crc32C.AppendByTable(Crc32C.Ones, bytes.AsSpan(0, length));
            for (var cut = 0; cut <= length; cut++)
            {
                var first = Crc32C.AppendByInstruction(Crc32C.Ones, bytes.AsSpan(0, cut));
                Assert.Equal(whole, Crc32C.AppendByTable(first, bytes.AsSpan(cut, length - cut)));
                Assert.Equal(whole, Crc32C.AppendByInstruction(first, bytes.AsSpan(cut, length - cut)));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData((24 << 10) - 1)]
    [InlineData(24 << 10)]
    [InlineData((24 << 10) + 1)]
    [InlineData((3 * (24 << 10)) + 12345)]
    public void AppendInLanes_LongRuns_IsTheSame(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);

        Assert.Equal(Crc32C.AppendByTable(0x12345678, bytes), Crc32C.AppendInLanes(0x12345678, bytes));
        Assert.Equal(Crc32C.AppendByTable(Crc32C.Ones, bytes), Crc32C.Append(Crc32C.Ones, bytes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3 * 8)]
    [InlineData(3 * 7)]
    [InlineData(3 * 160)]
    public void AppendThree_Runs_AreThoseOfEachAlone(int bytes)
    {
        byte[] all = [.. Enumerable.Range(0, bytes).Select(i => (byte)(i * 29))];
        var third = bytes / 3;
        uint a = 1, b = 2, c = 3;

        Crc32C.AppendThree(ref a, ref b, ref c, all);

        Assert.Equal(Crc32C.AppendByTable(1, all.AsSpan(0, third)), a);
        Assert.Equal(Crc32C.AppendByTable(2, all.AsSpan(third, third)), b);
        Assert.Equal(Crc32C.AppendByTable(3, all.AsSpan(2 * third)), c);
    }
}
