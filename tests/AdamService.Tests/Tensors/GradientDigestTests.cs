using System.Buffers.Binary;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Tensors;

/// <summary>The digest is what the comment of <c>BatchDigest</c> says, computed here once more, byte by byte.</summary>
public sealed class GradientDigestTests
{
    private const int Block = GradientDigest.BlockElements;

    public static TheoryData<int> Lengths => [0, 1, 7, Block - 1, Block, Block + 1, (3 * Block) - 1, 3 * Block, (3 * Block) + 1, (7 * Block) + 5];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Finish_AnyLengthAndCut_IsWhatTheContractSays(int length)
    {
        var first = Floats.Random(length, 3);
        var second = Floats.Random(5, 4);
        if (length > 2)
        {
            (first[0], first[length / 2], first[^1]) = (-0f, float.NaN, BitConverter.UInt32BitsToSingle(0xFFC12345));
        }

        var expected = Reference((9, first), (2, second));

        Assert.Equal(expected, Digest(int.MaxValue, (9, first), (2, second)));
        Assert.Equal(expected, Digest(1000, (9, first), (2, second)));
        Assert.Equal(expected, Digest(Block + 1, (9, first), (2, second)));
    }

    [Fact]
    public void Finish_OtherNumbersOrderOrTensor_IsAnother()
    {
        float[] values = [1, 2, 3];
        uint[] digests =
        [
            Digest(9, (0, values), (1, [4])), Digest(9, (1, [4]), (0, values)), Digest(9, (0, [1, 3, 2]), (1, [4])), Digest(9, (0, values), (2, [4])),
            Digest(9, (0, [1, 2, 3, 4]), (1, [])), Digest(9, (0, [-0f])), Digest(9, (0, [0f])), Digest(9, (0, [])), Digest(9),
        ];

        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    [Fact]
    public void Finish_KnownBatch_IsTheValueThatOtherLanguagesAreTestedWith() =>
        Assert.Equal(0x3E7C405Eu, Digest(2, (0, [1f, -2f, float.NaN])));

    private static uint Digest(int piece, params (uint Tensor, float[] Values)[] tensors)
    {
        var digest = new GradientDigest();
        foreach (var (tensor, values) in tensors)
        {
            digest.BeginTensor(tensor, (ulong)values.Length);
            for (var start = 0; start < values.Length; start += Math.Min(piece, values.Length - start))
            {
                digest.Append(values.AsSpan(start, Math.Min(piece, values.Length - start)));
            }
        }

        return digest.Finish();
    }

    private static uint Reference(params (uint Tensor, float[] Values)[] tensors)
    {
        var message = new List<byte>();
        var word = new byte[8];
        foreach (var (tensor, values) in tensors)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(word, tensor);
            message.AddRange(word[..4]);
            BinaryPrimitives.WriteUInt64LittleEndian(word, (ulong)values.Length);
            message.AddRange(word);
            foreach (var block in values.Chunk(Block))
            {
                var bytes = new List<byte>();
                foreach (var value in block)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(word, float.IsNaN(value) ? 0x7FC00000 : BitConverter.SingleToUInt32Bits(value));
                    bytes.AddRange(word[..4]);
                }

                BinaryPrimitives.WriteUInt32LittleEndian(word, BitByBit(bytes));
                message.AddRange(word[..4]);
            }
        }

        return BitByBit(message);
    }

    private static uint BitByBit(List<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var one in bytes)
        {
            sum ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ ((sum & 1) * 0x82F63B78);
            }
        }

        return ~sum;
    }
}
