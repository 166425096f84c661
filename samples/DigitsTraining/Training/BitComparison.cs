using System.Runtime.InteropServices;
using Adam.Samples.DigitsTraining.Model;

namespace Adam.Samples.DigitsTraining.Training;

/// <summary>Compares the weights of two networks by their bit patterns: 0 and -0 differ, a NaN equals itself.</summary>
internal static class BitComparison
{
    /// <returns>The number of weights that differ.</returns>
    public static int Differences(Mlp left, Mlp right)
    {
        var differences = 0;
        for (var i = 0; i < left.Weights.Length; i++)
        {
            var leftBits = MemoryMarshal.Cast<float, int>(left.Weights[i]);
            var rightBits = MemoryMarshal.Cast<float, int>(right.Weights[i]);
            for (var j = 0; j < leftBits.Length; j++)
            {
                differences += leftBits[j] == rightBits[j] ? 0 : 1;
            }
        }

        return differences;
    }
}
