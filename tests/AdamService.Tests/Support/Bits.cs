using System.Globalization;

namespace Adam.Service.Tests.Support;

/// <summary>Compares float32 numbers by their bits; any NaN equals any NaN, because its payload differs between processors.</summary>
internal static class Bits
{
    public static void AssertSame(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (!Same(expected[i], actual[i]))
            {
                Assert.Fail($"{what}[{i}]: expected {Describe(expected[i])}, but it is {Describe(actual[i])}.");
            }
        }
    }

    public static void AssertSame(float expected, float actual, string what) => AssertSame([expected], [actual], what);

    private static bool Same(float expected, float actual) =>
        BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(actual) || (float.IsNaN(expected) && float.IsNaN(actual));

    private static string Describe(float value) =>
        string.Create(CultureInfo.InvariantCulture, $"{value:R} (0x{BitConverter.SingleToUInt32Bits(value):X8})");
}
