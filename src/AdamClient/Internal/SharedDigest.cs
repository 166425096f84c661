using System.Runtime.InteropServices;

namespace Adam.Client.Internal;

/// <summary>The digest of gradients that do not travel.</summary>
internal static class SharedDigest
{
    private const int PieceElements = 3 * GradientCoding.BlockElements;

    /// <summary>Sums up gradients in the order of their list.</summary>
    public static V1.BatchDigest Of(IEnumerable<(int Tensor, ReadOnlyTensorMemory Values)> gradients)
    {
        var digest = new V1.GradientDigest();
        var wide = new float[PieceElements];
        foreach (var (tensor, values) in gradients)
        {
            digest.BeginTensor((uint)tensor, (ulong)values.Length);
            for (var start = 0; start < values.Length; start += PieceElements)
            {
                var count = Math.Min(PieceElements, values.Length - start);
                var bytes = values.Bytes(start, count).Span;
                if (values.DType == TensorDType.Float32)
                {
                    digest.Append(MemoryMarshal.Cast<byte, float>(bytes));
                    continue;
                }

                V1.ElementConversion.WidenFloat16(MemoryMarshal.Cast<byte, ushort>(bytes), wide);
                digest.Append(wide.AsSpan(0, count));
            }
        }

        return new V1.BatchDigest { Crc32C = digest.Finish() };
    }
}
