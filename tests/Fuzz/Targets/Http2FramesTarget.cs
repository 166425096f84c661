using System.Buffers.Binary;
using Adam.Fuzz.Mutation;
using Adam.Fuzz.Oracles;
using Adam.Fuzz.Randomness;
using Adam.Service.Configuration;
using Adam.Service.Connections;

namespace Adam.Fuzz.Targets;

/// <summary>
/// The guard of HTTP/2 frames. Input: the seed of the cuts, then what a client sends. The headers that the scanner finds must be those that
/// a look at the whole finds, and the limit that is broken, and the byte at which it is, must not depend on how the bytes come.
/// </summary>
internal sealed class Http2FramesTarget : FuzzTarget
{
    private const int PrefaceBytes = 24;

    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly StoppedClock _clock = new();

    // Low, so that inputs of a few frames reach them.
    private readonly Http2Options _limits = new()
    {
        SettingsAndPingsPerSecondMax = 3,
        PrioritiesAndWindowUpdatesPerSecondMax = 4,
        ResetsPerSecondMax = 2,
        EmptyFramesInARowMax = 1,
        ContinuationsPerBlockMax = 2,
    };

    public override string Name => "http2-frames";

    public override IReadOnlyList<string> Outcomes =>
    [
        "Fine", "Http2:SettingsAndPingsPerSecondMax=3", "Http2:PrioritiesAndWindowUpdatesPerSecondMax=4", "Http2:ResetsPerSecondMax=2",
        "Http2:EmptyFramesInARowMax=1", "Http2:ContinuationsPerBlockMax=2",
    ];

    public override IEnumerable<(string Name, byte[] Input)> MakeSeeds() =>
    [
        ("preface", Input()),
        ("request", Input(Frame(4, 0, 0, []), Frame(8, 0, 0, [0, 0, 1, 0]), Frame(1, 4, 1, [0x82, 0x86]), Frame(0, 1, 1, [0, 0, 0, 0, 0]))),
        ("pings", Input(Frame(6, 0, 0, new byte[8]), Frame(6, 0, 0, new byte[8]), Frame(6, 1, 0, new byte[8]), Frame(6, 0, 0, new byte[8]))),
        ("resets", Input(Frame(3, 0, 1, [0, 0, 0, 8]), Frame(3, 0, 3, [0, 0, 0, 8]), Frame(3, 0, 5, [0, 0, 0, 8]))),
        ("continuations", Input(Frame(1, 0, 1, [0x82]), Frame(9, 0, 1, [1]), Frame(9, 0, 1, [2]), Frame(9, 4, 1, [3]))),
        ("empty-data", Input(Frame(0, 0, 1, []), Frame(0, 8, 1, [0]), Frame(0, 1, 1, []))),
        ("unknown", Input(Frame(0xEE, 0, 0, []), Frame(0xEE, 0xFF, 0x7FFFFFFF, [1, 2, 3]))),
    ];

    public override byte[] MakeInput(IReadOnlyList<byte[]> seeds, Prng random)
    {
        if (random.OneIn(3))
        {
            return base.MakeInput(seeds, random);
        }

        var frames = new List<byte[]>();
        for (var left = random.Below(16); left > 0; left--)
        {
            var type = random.OneIn(8) ? (byte)random.Next() : (byte)random.Below(10);
            frames.Add(Frame(type, random.OneIn(2) ? (byte)0 : (byte)random.Next(), random.Below(4), random.Bytes(random.Length(40))));
        }

        var input = Input([.. frames]);
        BinaryPrimitives.WriteUInt64LittleEndian(input, random.Next());
        return random.OneIn(4) ? ByteMutator.Mutate(input, random.Pick(seeds), random) : input;
    }

    public override string Run(byte[] input)
    {
        var head = new InputReader(input);
        var cuts = head.UInt64();
        ReadOnlyMemory<byte> sent = input.AsMemory(input.Length - head.Rest.Length);

        var expected = Headers(sent.Span);
        var pieces = Pieces.OfRandom(sent, cuts);
        CheckScanner([sent], expected);
        CheckScanner(Enumerable.Range(0, pieces.Count).Select(index => pieces[index]), expected);
        CheckScanner(Enumerable.Range(0, sent.Length).Select(index => sent.Slice(index, 1)), expected);

        var guard = new FrameGuard(_limits, _clock);
        var broken = guard.Observe(sent.Span);
        var cutGuard = new FrameGuard(_limits, _clock);
        var cutBroken = cutGuard.Observe(pieces.All);
        OracleException.ThrowUnless(broken == cutBroken, $"In one piece it breaks '{broken}', in {pieces.Count} it breaks '{cutBroken}'.");
        OracleException.ThrowUnless(
            guard.HasStarted == expected.Count > 0 && cutGuard.HasStarted == guard.HasStarted, $"{expected.Count} frames, and HasStarted is {guard.HasStarted}.");
        CheckBrokenAt(sent, expected, broken);
        return broken ?? "Fine";
    }

    private static void CheckScanner(IEnumerable<ReadOnlyMemory<byte>> pieces, List<Http2FrameHeader> expected)
    {
        var scanner = new Http2FrameScanner(PrefaceBytes);
        var found = new List<Http2FrameHeader>();
        foreach (var piece in pieces)
        {
            var bytes = piece.Span;
            while (scanner.TryReadHeader(ref bytes, out var frame))
            {
                found.Add(frame);
            }

            OracleException.ThrowUnless(bytes.IsEmpty, "The scanner leaves bytes behind.");
        }

        OracleException.ThrowUnless(found.SequenceEqual(expected), $"{found.Count} headers are found, of {expected.Count}.");
    }

    // What is broken is broken by a header, and by no byte before its last one.
    private void CheckBrokenAt(ReadOnlyMemory<byte> sent, List<Http2FrameHeader> headers, string? broken)
    {
        var guard = new FrameGuard(_limits, _clock);
        string? brokenNow = null;
        var at = 0;
        for (; at < sent.Length && brokenNow is null; at++)
        {
            brokenNow = guard.Observe(sent.Span.Slice(at, 1));
        }

        OracleException.ThrowUnless(brokenNow == broken, $"Byte by byte it breaks '{brokenNow}', at once it breaks '{broken}'.");
        var ends = new HashSet<int>();
        var end = PrefaceBytes;
        foreach (var header in headers)
        {
            ends.Add(end + Http2FrameHeader.Size);
            end += Http2FrameHeader.Size + header.Length;
        }

        OracleException.ThrowUnless(broken is null || ends.Contains(at), $"'{broken}' is broken by byte {at}, which ends no header.");
    }

    private static List<Http2FrameHeader> Headers(ReadOnlySpan<byte> sent)
    {
        var headers = new List<Http2FrameHeader>();
        for (var at = PrefaceBytes; at + Http2FrameHeader.Size <= sent.Length;)
        {
            var length = (sent[at] << 16) | (sent[at + 1] << 8) | sent[at + 2];
            var stream = ((sent[at + 5] & 0x7F) << 24) | (sent[at + 6] << 16) | (sent[at + 7] << 8) | sent[at + 8];
            headers.Add(new Http2FrameHeader(length, (Http2FrameType)sent[at + 3], sent[at + 4], stream));
            at += Http2FrameHeader.Size + length;
        }

        return headers;
    }

    private static byte[] Input(params byte[][] frames) => [1, 2, 3, 4, 5, 6, 7, 8, .. Preface, .. frames.SelectMany(frame => frame)];

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[Http2FrameHeader.Size + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, Http2FrameHeader.Size);
        return frame;
    }
}
