using System.Text;
using Adam.Fuzz.Mutation;
using Adam.Fuzz.Oracles;
using Adam.Fuzz.Randomness;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Adam.Fuzz.Targets.Messages;

/// <summary>
/// Headers as metadata. Input: the name's length, the name, the value, each character a byte. Binary values must be what a decoder of
/// our own says, whole or joined; and whatever bytes an input has must survive the way there and back.
/// </summary>
internal sealed class MetadataTarget : FuzzTarget
{
    private const string Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    // Each comma is an entry in three lists here, and the checks must stay within what an input may allocate.
    private const int ValueBytesMax = 4096;

    private static readonly string[] Names =
        ["key", "key-bin", "Key-BIN", "x.y_z-bin", "-bin", "grpc-status", "te", ":path", "grpc-timeout", "a b", "", "k\u00e9y-bin"];

    public override string Name => "metadata";

    public override IReadOnlyList<string> Outcomes => ["None", "Text", "Binary", nameof(StatusCode.Internal)];

    public override IEnumerable<(string Name, byte[] Input)> MakeSeeds() =>
    [
        ("text", Input("key", "value, and another")),
        ("padded", Input("key-bin", "AQI=")),
        ("unpadded", Input("key-bin", "AQI")),
        ("joined", Input("key-bin", "AQI=, AQID,,AQ")),
        ("empty", Input("key-bin", "")),
        ("reserved", Input("grpc-status", "0")),
        ("malformed", Input("key-bin", "A")),
    ];

    public override byte[] MakeInput(IReadOnlyList<byte[]> seeds, Prng random)
    {
        if (random.OneIn(4))
        {
            return base.MakeInput(seeds, random);
        }

        var value = new StringBuilder();
        for (var left = random.OneIn(50) ? random.Below(4000) : random.Below(6); left > 0; left--)
        {
            var text = Convert.ToBase64String(random.Bytes(random.Length(60)));
            value.Append(random.OneIn(2) ? text : text.TrimEnd('=')).Append(random.Pick([",", ", ", ",,", " ", "=", "", ","]));
            if (value.Length > ValueBytesMax)
            {
                break;
            }
        }

        var input = Input(random.Pick(Names), value.ToString());
        return random.OneIn(3) ? ByteMutator.Mutate(input, random.Pick(seeds), random) : input;
    }

    public override string Run(byte[] input)
    {
        var head = new InputReader(input);
        var name = Encoding.Latin1.GetString(head.Take(head.Byte()));
        var bytes = head.Take(ValueBytesMax);
        var value = Encoding.Latin1.GetString(bytes);
        CheckRoundTrip(bytes);

        var lenient = new Metadata();
        MetadataEncoding.AddHeader(lenient, name, value, skipsMalformed: true);
        var strict = new Metadata();
        try
        {
            MetadataEncoding.AddHeader(strict, name, value);
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.Internal && refused.Status.DebugException is null)
        {
            OracleException.ThrowUnless(Expected(value).Contains(null), $"Base64 was refused: {value}");
            return nameof(StatusCode.Internal);
        }

        OracleException.ThrowUnless(lenient.Count == strict.Count, "Leaving out what is malformed leaves out more than that.");
        if (strict.Count == 0)
        {
            return "None";
        }

        return strict[0].IsBinary ? CheckBinary(strict, value) : CheckText(strict, value);
    }

    private static string CheckText(Metadata metadata, string value)
    {
        OracleException.ThrowUnless(metadata.Count == 1 && metadata[0].Value == value, "A text came out changed.");
        return "Text";
    }

    private static string CheckBinary(Metadata metadata, string value)
    {
        var expected = Expected(value);
        OracleException.ThrowUnless(
            expected.Count == metadata.Count && expected.Zip(metadata).All(pair => pair.First is { } bytes && pair.Second.ValueBytes.AsSpan().SequenceEqual(bytes)),
            $"Base64 was read as something else: {value}");
        return "Binary";
    }

    private static void CheckRoundTrip(ReadOnlySpan<byte> bytes)
    {
        var text = MetadataEncoding.ToHeaderValue(new Metadata.Entry("key-bin", bytes.ToArray()));
        OracleException.ThrowUnless(text.All(char.IsAscii) && !text.Contains('='), $"Not unpadded base64: {text}");
        var metadata = new Metadata();
        MetadataEncoding.AddHeader(metadata, "key-bin", $"{text},{text}==="[..(text.Length * 2 + 1 + ((4 - (text.Length % 4)) % 4))]);
        OracleException.ThrowUnless(
            metadata.Count == 2 && metadata[0].ValueBytes.AsSpan().SequenceEqual(bytes) && metadata[1].ValueBytes.AsSpan().SequenceEqual(bytes),
            "Bytes came back changed, or not all of them.");
    }

    // One for each part between commas; null for one that is no base64.
    private static List<byte[]?> Expected(string value) => [.. value.Split(',').Select(part => Decode(part.Trim()))];

    private static byte[]? Decode(string text)
    {
        var padding = text.Length - text.TrimEnd('=').Length;
        var digits = text[..^padding];
        if (digits.Length % 4 == 1 || padding > 2 || (padding > 0 && text.Length % 4 != 0))
        {
            return null;
        }

        var bytes = new List<byte>();
        var (bits, count) = (0, 0);
        foreach (var digit in digits)
        {
            var number = Digits.IndexOf(digit, StringComparison.Ordinal);
            if (number < 0)
            {
                return null;
            }

            (bits, count) = (((bits << 6) | number) & 0xFFFF, count + 6);
            if (count >= 8)
            {
                count -= 8;
                bytes.Add((byte)(bits >> count));
            }
        }

        return [.. bytes];
    }

    private static byte[] Input(string name, string value) => [(byte)name.Length, .. Encoding.Latin1.GetBytes(name), .. Encoding.Latin1.GetBytes(value)];
}
