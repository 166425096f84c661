using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>Counts NaN and infinities as they came in. Needed only for blocks whose sum of squares is not finite.</summary>
internal static unsafe class NonFiniteElements
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Count<TGradient>(byte* gradient, long start, int count)
        where TGradient : struct, IGradientElements
    {
        int found = 0;
        for (long i = start; i < start + count; i++)
        {
            if (!float.IsFinite(TGradient.Load<ScalarLanes, float, ScalarSums>(gradient, i)))
            {
                found++;
            }
        }

        return found;
    }
}
