using Adam.Engine;

namespace Adam.Client.Tests.Support;

/// <summary>Compares floats by their bit patterns.</summary>
internal static class Bits
{
    public static int[] Of(ReadOnlySpan<float> values)
    {
        var bits = new int[values.Length];
        for (var i = 0; i < bits.Length; i++)
        {
            bits[i] = BitConverter.SingleToInt32Bits(values[i]);
        }

        return bits;
    }

    /// <summary>Asserts that every tensor has the engine's bits.</summary>
    public static void AssertEqual(AdamOptimizer expected, AdamSlot slot, float[][] actual)
    {
        for (var i = 0; i < actual.Length; i++)
        {
            Assert.Equal(Of(expected.Slot(i, slot).Span<float>()), Of(actual[i]));
        }

        // A span does not keep the optimizer's memory.
        GC.KeepAlive(expected);
    }
}
