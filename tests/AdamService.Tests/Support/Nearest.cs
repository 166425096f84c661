namespace Adam.Service.Tests.Support;

/// <summary>The nearest number of a short type to one of binary64, found among its two neighbours; ties go to the even one.</summary>
internal static class Nearest
{
    public static ushort BFloat16(double value) =>
        Find(value, pattern => BitConverter.UInt32BitsToSingle((uint)pattern << 16), 0x7F80, pattern => (ushort)(pattern | 0x40));

    public static ushort Float16(double value) =>
        Find(value, pattern => (float)BitConverter.UInt16BitsToHalf(pattern), 0x7C00, pattern => (ushort)(pattern | 0x200));

    private static ushort Find(double value, Func<ushort, float> widen, ushort infinity, Func<ushort, ushort> quiet)
    {
        var sign = (ushort)(double.IsNegative(value) ? 0x8000 : 0);
        if (double.IsNaN(value))
        {
            return quiet((ushort)(sign | infinity));
        }

        // The largest pattern that is not above the magnitude.
        var magnitude = Math.Abs(value);
        var (low, high) = (0, infinity - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = widen((ushort)middle) <= magnitude ? (middle, high) : (low, middle - 1);
        }

        double lower = widen((ushort)low);
        double upper = low + 1 == infinity ? lower + (lower - widen((ushort)(low - 1))) : widen((ushort)(low + 1));
        var (below, above) = (magnitude - lower, upper - magnitude);
        var isUp = below > above || (below == above && (low & 1) == 1);
        return (ushort)(sign | (isUp ? low + 1 : low));
    }
}
