using System.Globalization;

namespace Adam.Engine.Tests.Support;

/// <summary>Compares float32 numbers by their bits; any NaN equals any NaN, because its payload differs between processors.</summary>
internal static class Bits
{
    public static bool Same(float expected, float actual) =>
        BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(actual)
        || (float.IsNaN(expected) && float.IsNaN(actual));

    public static void AssertSame(float expected, float actual, string what)
    {
        if (!Same(expected, actual))
        {
            Assert.Fail($"{what}: expected {Describe(expected)}, but it is {Describe(actual)}.");
        }
    }

    public static void AssertSame(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!Same(expected[i], actual[i]))
            {
                AssertSame(expected[i], actual[i], $"{what}[{i}]");
            }
        }
    }

    private static string Describe(float value) =>
        string.Create(CultureInfo.InvariantCulture, $"{value:R} (0x{BitConverter.SingleToUInt32Bits(value):X8})");
}
