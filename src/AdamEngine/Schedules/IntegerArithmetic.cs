namespace Adam.Engine.Schedules;

/// <summary>
/// What Keras's numpy backend does with int32: a cast drops the fraction, sums wrap around, and Python's division operator gives
/// float64, which the next operation rounds to float32.
/// </summary>
internal static class IntegerArithmetic
{
    /// <summary>Pi, cast to an integer as every constant is.</summary>
    public const float Pi = 3f;

    public static bool Fits(double value) => value is > int.MinValue - 1.0 and < int.MaxValue + 1.0;

    /// <summary>A parameter that <see cref="Fits"/>, as an int32.</summary>
    public static int Cast(double value) => (int)value;

    /// <summary>The iteration counter, which is an int32 in Keras.</summary>
    public static int Counter(long iteration) => unchecked((int)iteration);

    /// <summary>Python's <c>/</c> on two integers.</summary>
    public static double Quotient(int dividend, int divisor) => (double)dividend / divisor;
}
