using System.Runtime.InteropServices;
using System.Text;
using Adam.Fuzz.Oracles;
using Adam.Fuzz.Randomness;
using Grpc.Core.Internal;

namespace Adam.Fuzz.Targets.Messages;

/// <summary>
/// The percent-encoding of status texts. Input: taken once as UTF-16, to be encoded, and once as the bytes of a header, to be decoded.
/// </summary>
internal sealed class StatusMessageTarget : FuzzTarget
{
    public override string Name => "status-message";

    public override IReadOnlyList<string> Outcomes => ["Plain", "Escaped"];

    public override IEnumerable<(string Name, byte[] Input)> MakeSeeds() =>
    [
        ("plain", "Not found."u8.ToArray()),
        ("escaped", "100%25 of %C3%A9%F0%9F%98%80"u8.ToArray()),
        ("malformed", "%, %2, %G0, %%41, %4"u8.ToArray()),
        ("utf16", MemoryMarshal.AsBytes("h\u00e9llo \U0001F600\r\n%".AsSpan()).ToArray()),
        ("surrogates", MemoryMarshal.AsBytes<char>(['\uD83D', 'a', '\uDE00', '\uD83D']).ToArray()),
    ];

    public override byte[] MakeInput(IReadOnlyList<byte[]> seeds, Prng random)
    {
        if (random.OneIn(2))
        {
            return base.MakeInput(seeds, random);
        }

        var text = new StringBuilder();
        for (var left = random.Length(40); left > 0; left--)
        {
            text.Append(random.Pick(["%", "%4", "%41", "%c3%a9", "%C3", "%FF", "%00", "a", " ", "%%", "\0", "\u00e9", "%25", "%+1", "% 1", "%1\0"]));
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    public override string Run(byte[] input)
    {
        var text = new string(MemoryMarshal.Cast<byte, char>(input.AsSpan(0, input.Length / 2 * 2)));
        var encoded = StatusMessageEncoding.Encode(text);
        OracleException.ThrowUnless(encoded.All(character => character is >= ' ' and <= '~'), $"It is no text of a header: {encoded}");

        // Half a surrogate pair is no character, and becomes the one that stands for that.
        OracleException.ThrowUnless(
            StatusMessageEncoding.Decode(encoded) == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)), "A text comes back changed.");

        var header = Encoding.Latin1.GetString(input);
        var decoded = StatusMessageEncoding.Decode(header);
        OracleException.ThrowUnless(decoded == Expected(header), $"'{header}' is decoded as '{decoded}'.");
        return decoded == header ? "Plain" : "Escaped";
    }

    private static string Expected(string header)
    {
        var source = Encoding.UTF8.GetBytes(header);
        var bytes = new List<byte>();
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] == '%' && i + 2 < source.Length && char.IsAsciiHexDigit((char)source[i + 1]) && char.IsAsciiHexDigit((char)source[i + 2]))
            {
                bytes.Add((byte)((HexDigit(source[i + 1]) << 4) | HexDigit(source[i + 2])));
                i += 2;
            }
            else
            {
                bytes.Add(source[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static int HexDigit(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
