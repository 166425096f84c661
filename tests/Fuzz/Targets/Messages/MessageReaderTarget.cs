using System.Buffers.Binary;
using Adam.Fuzz.Mutation;
using Adam.Fuzz.Oracles;
using Adam.Fuzz.Randomness;
using Grpc.Core;
using Grpc.Core.Internal;
using Grpc.Net.Compression;

namespace Adam.Fuzz.Targets.Messages;

/// <summary>
/// The reader of length-prefixed messages over a pipe. Input: a byte of settings, the seed of the cuts, the stream. What comes out must be
/// what the model says, however the stream is cut, and what is refused by its prefix must not be waited for.
/// </summary>
internal sealed class MessageReaderTarget : FuzzTarget
{
    private const int HeadLength = 9;

    // Hundreds of messages, of which each is read three times: the checks must stay within what an input may allocate.
    private const int StreamBytesMax = 4000;
    private const string ByteByByte = "byte by byte";

    private static readonly int[] Limits = [0, 1, 5, 100, 1000, 4096, 65536, int.MaxValue];

    public override string Name => "message-reader";

    public override IReadOnlyList<string> Outcomes =>
        [nameof(StatusCode.OK), nameof(StatusCode.Internal), nameof(StatusCode.ResourceExhausted), nameof(StatusCode.Unimplemented)];

    public override IEnumerable<(string Name, byte[] Input)> MakeSeeds() =>
    [
        ("empty", Head(4, true)),
        ("one-message", [.. Head(4, true), .. Message(0, [1, 2, 3])]),
        ("empty-messages", [.. Head(4, true), .. Message(0, []), .. Message(1, []), .. Message(0, [])]),
        ("compressed", [.. Head(4, true), .. Message(1, [200, 7, 3, 9]), .. Message(0, [1])]),
        ("no-coding", [.. Head(4, false), .. Message(1, [200, 7])]),
        ("no-limit", [.. Head(7, true), 0, 0x7F, 0xFF, 0xFF, 0xFF, 1, 2, 3]),
        ("exactly-the-limit", [.. Head(3, true), .. Message(0, new byte[100]), .. Message(0, new byte[101])]),
    ];

    public override byte[] MakeInput(IReadOnlyList<byte[]> seeds, Prng random)
    {
        if (random.OneIn(3))
        {
            return base.MakeInput(seeds, random);
        }

        var limit = random.Below(Limits.Length);
        var input = new List<byte>([(byte)(limit | (random.OneIn(8) ? 0 : 8)), .. random.Bytes(HeadLength - 1)]);
        for (var left = random.Below(6); left > 0; left--)
        {
            var length = random.OneIn(6) ? Math.Min(Limits[limit], 5000) + random.Below(2) : random.Length(300);
            var message = Message(random.Below(3) == 0 ? (byte)1 : (byte)0, random.Bytes(length));
            if (random.OneIn(10))
            {
                BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), unchecked((uint)Interesting.Integer(random)));
            }

            input.AddRange(message);
        }

        return random.OneIn(4) ? ByteMutator.Mutate([.. input], random.Pick(seeds), random) : [.. input];
    }

    public override string Run(byte[] input)
    {
        var head = new InputReader(input);
        var settings = head.Byte();
        var cuts = head.UInt64();
        var stream = input.AsMemory(input.Length - head.Rest.Length);
        stream = stream[..Math.Min(stream.Length, StreamBytesMax)];
        var (lengthMax, hasCoding) = (Limits[settings & 7], (settings & 8) != 0);

        var model = new MessageStreamModel(lengthMax, hasCoding);
        var expected = model.Read(stream.Span);
        Check(Pieces.OfOne(stream), "in one piece");
        Check(Pieces.OfRandom(stream, cuts), "in random pieces");
        Check(Pieces.OfOneByte(stream), ByteByByte);
        return expected.End.ToString();

        void Check(Pieces pieces, string how)
        {
            var pipe = new PiecewisePipeReader(pieces);
            var read = Read(pipe, lengthMax == int.MaxValue ? null : lengthMax, hasCoding);
            OracleException.ThrowUnless(read.IsSame(expected), $"Read {how}: expected {expected}; it was {read}.");
            OracleException.ThrowUnless(
                how != ByteByByte || pipe.Come <= model.BytesUntilEnd,
                $"Read {how}: the end was known after {model.BytesUntilEnd} bytes, but {pipe.Come} were read.");
        }
    }

    private static ReadMessages Read(PiecewisePipeReader pipe, int? lengthMax, bool hasCoding)
    {
        var coding = new RunLengthCoding();
        var messages = new List<byte[]>();
        var reader = new MessageReader<byte[]>(
            pipe,
            new MessageParser<byte[]>(
                context =>
                {
                    var payload = context.PayloadAsNewBuffer();
                    OracleException.ThrowUnless(payload.Length == context.PayloadLength, "The payload is not as long as it says.");
                    return payload;
                },
                lengthMax,
                () => hasCoding ? coding : throw new RpcException(new Status(StatusCode.Unimplemented, "No coding."))));
        try
        {
            while (true)
            {
                var read = reader.ReadAsync(CancellationToken.None);
                if (!read.IsCompleted)
                {
                    throw new OracleException("The reader waits, though the pipe always has an answer.");
                }

                if (read.Result is not { } message)
                {
                    break;
                }

                messages.Add(message);
            }

            return new ReadMessages(messages, StatusCode.OK);
        }
        catch (RpcException refused)
        {
            OracleException.ThrowUnless(
                refused.Status.DebugException is null or InvalidDataException, $"A status hides an error: {refused.Status.DebugException}");
            return new ReadMessages(messages, refused.StatusCode);
        }
    }

    private static byte[] Head(int limit, bool hasCoding) => [(byte)(limit | (hasCoding ? 8 : 0)), 1, 2, 3, 4, 5, 6, 7, 8];

    private static byte[] Message(byte flag, ReadOnlySpan<byte> payload)
    {
        var message = new byte[5 + payload.Length];
        message[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), (uint)payload.Length);
        payload.CopyTo(message.AsSpan(5));
        return message;
    }
}
