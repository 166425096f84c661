using Adam.Engine;

namespace Adam.Service.DataPlane;

/// <summary>What a step changed of a tensor, in place of the values that it had before.</summary>
internal static class TensorDifference
{
    private const int RunLength = 1 << 20;

    /// <summary>Turns old values into fl(new − old), in the tensor's type.</summary>
    public static void Subtract(TensorView old, TensorView updated)
    {
        for (long start = 0; start < old.ElementCount; start += RunLength)
        {
            var count = (int)Math.Min(RunLength, old.ElementCount - start);
            if (old.DType == TensorDType.Float16)
            {
                Subtract(old.Span<Half>(start, count), updated.Span<Half>(start, count));
            }
            else
            {
                Subtract(old.Span<float>(start, count), updated.Span<float>(start, count));
            }
        }
    }

    /// <summary>Turns old values into the bits that differ.</summary>
    public static void Xor(TensorView old, TensorView updated)
    {
        for (long start = 0; start < old.ElementCount; start += RunLength)
        {
            var count = (int)Math.Min(RunLength, old.ElementCount - start);
            var target = old.Bytes(start, count);
            var source = updated.Bytes(start, count);
            for (var i = 0; i < target.Length; i++)
            {
                target[i] ^= source[i];
            }
        }
    }

    private static void Subtract(Span<float> old, ReadOnlySpan<float> updated)
    {
        for (var i = 0; i < old.Length; i++)
        {
            old[i] = updated[i] - old[i];
        }
    }

    private static void Subtract(Span<Half> old, ReadOnlySpan<Half> updated)
    {
        for (var i = 0; i < old.Length; i++)
        {
            old[i] = updated[i] - old[i];
        }
    }
}
