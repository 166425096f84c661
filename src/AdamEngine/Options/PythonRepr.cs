using System.Globalization;

namespace Adam.Engine.Options;

/// <summary>Writes numbers the way Python's <c>repr</c> does, so that messages read exactly as Keras's.</summary>
internal static class PythonRepr
{
    private const int SmallestPlainExponent = -4;
    private const int LargestPlainExponent = 15;

    /// <summary>A Python float: the shortest digits that round-trip, <c>1e-07</c>, <c>-1.0</c>, <c>inf</c>, <c>nan</c>.</summary>
    public static string Of(double value)
    {
        if (double.IsNaN(value))
        {
            return "nan";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "inf" : "-inf";
        }

        string sign = double.IsNegative(value) ? "-" : "";
        (string digits, int exponent) = ShortestDigits(Math.Abs(value));
        return sign + (exponent is >= SmallestPlainExponent and <= LargestPlainExponent
            ? Plain(digits, exponent)
            : Scientific(digits, exponent));
    }

    /// <summary>A Python float or <c>None</c>.</summary>
    public static string Of(double? value) => value is { } number ? Of(number) : "None";

    private static (string Digits, int Exponent) ShortestDigits(double magnitude)
    {
        // .NET's round-trip format has the same shortest digits; only the notation differs.
        string text = magnitude.ToString("R", CultureInfo.InvariantCulture);
        int mark = text.IndexOf('E', StringComparison.Ordinal);
        int exponent = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string mantissa = mark < 0 ? text : text[..mark];
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        string all = mantissa.Replace(".", "", StringComparison.Ordinal);
        int integerDigits = point < 0 ? mantissa.Length : point;
        int leadingZeros = all.Length - all.TrimStart('0').Length;
        if (leadingZeros == all.Length)
        {
            return ("0", 0);
        }

        return (all.Trim('0'), exponent + integerDigits - leadingZeros - 1);
    }

    private static string Plain(string digits, int exponent)
    {
        if (exponent < 0)
        {
            return "0." + new string('0', -exponent - 1) + digits;
        }

        string padded = digits.PadRight(exponent + 1, '0');
        string fraction = padded[(exponent + 1)..];
        return padded[..(exponent + 1)] + "." + (fraction.Length > 0 ? fraction : "0");
    }

    private static string Scientific(string digits, int exponent)
    {
        string fraction = digits.Length > 1 ? "." + digits[1..] : "";
        string magnitude = Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
        return $"{digits[0]}{fraction}e{(exponent < 0 ? "-" : "+")}{magnitude}";
    }
}
