namespace Adam.Engine.Kernels;

/// <summary>Puts the eight sums of a block together.</summary>
internal static unsafe class LaneSums
{
    public static double Total(double* lanes) =>
        ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}
