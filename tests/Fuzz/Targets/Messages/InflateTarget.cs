using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using Adam.Fuzz.Mutation;
using Adam.Fuzz.Oracles;
using Adam.Fuzz.Randomness;
using Grpc.Core;
using Grpc.Core.Internal;
using Grpc.Net.Compression;

namespace Adam.Fuzz.Targets.Messages;

/// <summary>
/// Compressed messages. Input: a byte of settings, the seed of the cuts, where to cut off, the compressed bytes. Whatever they are, they
/// must come out whole and within the limit or not at all; and the same bytes as a message of ours must survive, but not if it is cut off.
/// </summary>
internal sealed class InflateTarget : FuzzTarget
{
    private const int HeadLength = 11;
    private const int RoundTripBytesMax = 2048;

    private static readonly int[] Limits = [0, 1, 100, 65535, 65536, 65537, 1 << 18, 1 << 19];

    private static readonly ICompressionProvider[] Providers =
        [new GzipCompressionProvider(CompressionLevel.Fastest), new DeflateCompressionProvider(CompressionLevel.Fastest)];

    public override string Name => "inflate";

    public override IReadOnlyList<string> Outcomes =>
        [nameof(StatusCode.OK), nameof(StatusCode.Internal), nameof(StatusCode.ResourceExhausted)];

    public override IEnumerable<(string Name, byte[] Input)> MakeSeeds()
    {
        foreach (var (name, coding) in new[] { ("gzip", 0), ("deflate", 1) })
        {
            var text = "A message that is compressed, compressed, compressed."u8.ToArray();
            byte[] nothing = coding == 0 ? StoredDeflate.Gzip([]) : StoredDeflate.Zlib([]);
            yield return ($"{name}-empty", [.. Input(coding, 6, []), .. nothing]);
            yield return ($"{name}-text", Input(coding, 6, text));
            yield return ($"{name}-nested", Input(coding, 6, Compress(coding, Compress(coding, text))));
            yield return ($"{name}-bomb", Input(coding, 6, new byte[4 << 20]));
            yield return ($"{name}-exactly-the-limit", Input(coding, 4, new byte[65536]));
            yield return ($"{name}-two-members", [.. Input(coding, 6, text), .. Compress(coding, text)]);
        }
    }

    public override byte[] MakeInput(IReadOnlyList<byte[]> seeds, Prng random)
    {
        if (random.OneIn(2))
        {
            return base.MakeInput(seeds, random);
        }

        var coding = random.Below(2);
        var content = random.Bytes(random.Length(600));
        if (random.OneIn(2))
        {
            Array.Clear(content);
        }

        var stored = coding == 0 ? StoredDeflate.Gzip(content) : StoredDeflate.Zlib(content);
        byte[] input = [(byte)(coding | (random.Below(Limits.Length) << 1)), .. random.Bytes(HeadLength - 1), .. stored];
        return random.OneIn(2) ? input : ByteMutator.Mutate(input, random.Pick(seeds), random);
    }

    public override string Run(byte[] input)
    {
        var head = new InputReader(input);
        var settings = head.Byte();
        var cuts = head.UInt64();
        int cutOff = head.UInt16();
        var compressed = input.AsMemory(input.Length - head.Rest.Length);
        var provider = Providers[settings & 1];
        var lengthMax = Limits[(settings >> 1) & 7];

        var whole = Inflate(Pieces.OfOne(compressed).All, provider, lengthMax);
        var cut = Inflate(Pieces.OfRandom(compressed, cuts).All, provider, lengthMax);
        OracleException.ThrowUnless(whole == cut, $"In one piece it is {whole}, in many it is {cut}.");
        if (compressed.Length > 0)
        {
            // Nothing at all is compressed to nothing at all, which is no message.
            CheckRoundTrip(compressed.Span[..Math.Min(compressed.Length, RoundTripBytesMax)], provider, cutOff);
        }

        return whole.Code.ToString();
    }

    private static void CheckRoundTrip(ReadOnlySpan<byte> content, ICompressionProvider provider, int cutOff)
    {
        var compressed = Compress(Array.IndexOf(Providers, provider), content.ToArray());
        var back = Inflate(new ReadOnlySequence<byte>(compressed), provider, content.Length);
        OracleException.ThrowUnless(
            back == new Inflated(StatusCode.OK, content.Length, Digest(new ReadOnlySequence<byte>(content.ToArray()))), $"A message comes back as {back}.");
        var tooLong = Inflate(new ReadOnlySequence<byte>(compressed), provider, content.Length - 1);
        OracleException.ThrowUnless(tooLong.Code == StatusCode.ResourceExhausted, $"A message one byte above the limit is {tooLong}.");

        var rest = compressed.AsMemory(0, cutOff % compressed.Length);
        var part = Inflate(new ReadOnlySequence<byte>(rest), provider, 1 << 20);
        OracleException.ThrowUnless(
            part.Code == StatusCode.Internal, $"Of a message of {compressed.Length} bytes the first {rest.Length} are taken as all of it: {part}.");
    }

    private static Inflated Inflate(in ReadOnlySequence<byte> compressed, ICompressionProvider provider, int lengthMax)
    {
        try
        {
            using var message = InflatedMessage.Inflate(compressed, provider, lengthMax);
            OracleException.ThrowUnless(message.Content.Length <= lengthMax, $"{message.Content.Length} bytes came out; the limit is {lengthMax}.");
            return new Inflated(StatusCode.OK, message.Content.Length, Digest(message.Content));
        }
        catch (RpcException refused)
        {
            OracleException.ThrowUnless(
                refused.Status.DebugException is null or IOException or InvalidDataException, $"A status hides an error: {refused.Status.DebugException}");
            return new Inflated(refused.StatusCode, 0, "");
        }
    }

    private static string Digest(in ReadOnlySequence<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in content)
        {
            hash.AppendData(piece.Span);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static byte[] Input(int coding, int limit, byte[] content) => [(byte)(coding | (limit << 1)), .. new byte[HeadLength - 1], .. Compress(coding, content)];

    private static byte[] Compress(int coding, byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var stream = Providers[coding].CreateCompressionStream(compressed, null))
        {
            stream.Write(content);
        }

        return compressed.ToArray();
    }

    private sealed record Inflated(StatusCode Code, long Length, string Digest);
}
