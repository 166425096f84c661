using System.Globalization;

namespace Adam.Golden;

/// <summary>Parses what Python's <c>float.hex()</c> writes, e.g. <c>0x1.cccccc0000000p-1</c>.</summary>
internal static class HexFloat
{
    public static double Parse(string text)
    {
        int mark = text.IndexOf('p', StringComparison.Ordinal);
        if (mark < 0)
        {
            return text switch
            {
                "inf" => double.PositiveInfinity,
                "-inf" => double.NegativeInfinity,
                "nan" => double.NaN,
                _ => throw new FormatException($"'{text}' is not a hexadecimal float."),
            };
        }

        bool negative = text[0] == '-';
        string mantissa = text[(negative ? 3 : 2)..mark];
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        int fractionDigits = point < 0 ? 0 : mantissa.Length - point - 1;
        string allDigits = mantissa.Replace(".", "", StringComparison.Ordinal);
        long digits = long.Parse(allDigits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        int exponent = int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        double magnitude = Math.ScaleB(digits, exponent - 4 * fractionDigits);
        return negative ? -magnitude : magnitude;
    }
}
