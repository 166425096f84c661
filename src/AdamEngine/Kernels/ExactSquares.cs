using System.Runtime.CompilerServices;

namespace Adam.Engine.Kernels;

/// <summary>
/// The sum of squares of a gradient in double, where those in float32 cannot be relied on: huge gradients, tiny ones, and zeros.
/// </summary>
internal static unsafe class ExactSquares
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static double Sum<TVariant, TState, TGradient, TUnscaled, TClipped>(in KernelArguments arguments, long start, int count)
        where TVariant : struct, IStepVariant
        where TState : struct, IStateElements
        where TGradient : struct, IGradientElements
        where TUnscaled : struct, IRounding
        where TClipped : struct, IRounding
    {
        // Whole blocks of zeros are common: rows of an embedding that no example used.
        var bytes = new ReadOnlySpan<byte>(arguments.Gradient + (start * TGradient.ElementBytes), count * TGradient.ElementBytes);
        if (!TVariant.EndsWindow && !bytes.ContainsAnyExcept((byte)0))
        {
            return 0;
        }

        double sum = 0;
        for (long i = start; i < start + count; i++)
        {
            double g = GradientElement.Load<ScalarLanes, float, ScalarSums, TVariant, TState, TGradient, TUnscaled, TClipped>(
                arguments.Gradient, arguments.Accumulator, i, arguments.LossScale, arguments.WindowSteps);
            sum += g * g;
        }

        return sum;
    }
}
