using System.Globalization;
using System.Text;

namespace Grpc.Core.Internal;

/// <summary>
/// The percent-encoding of status texts: UTF-8, where every byte outside of printable ASCII, and the percent sign, is written as
/// <c>%XX</c>.
/// </summary>
internal static class StatusMessageEncoding
{
    private const byte FirstPrintable = 0x20;
    private const byte LastPrintable = 0x7E;

    public static string Encode(string text)
    {
        if (!NeedsEncoding(text))
        {
            return text;
        }

        StringBuilder encoded = new(text.Length + 16);
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            if (value is < FirstPrintable or > LastPrintable or (byte)'%')
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
            }
            else
            {
                encoded.Append((char)value);
            }
        }

        return encoded.ToString();
    }

    /// <summary>Decodes a text. What is not a valid escape is kept as it is: a garbled message is better than none.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        byte[] source = Encoding.UTF8.GetBytes(text);
        byte[] decoded = new byte[source.Length];
        int length = 0;
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i] == '%' && i + 2 < source.Length && char.IsAsciiHexDigit((char)source[i + 1]) && char.IsAsciiHexDigit((char)source[i + 2]))
            {
                decoded[length++] = byte.Parse(source.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                i += 2;
            }
            else
            {
                decoded[length++] = source[i];
            }
        }

        return Encoding.UTF8.GetString(decoded, 0, length);
    }

    private static bool NeedsEncoding(string text)
    {
        foreach (char character in text)
        {
            if (character is < (char)FirstPrintable or > (char)LastPrintable or '%')
            {
                return true;
            }
        }

        return false;
    }
}
