namespace Adam.Engine.Tests.Reference;

/// <summary>
/// float32 operations by another way: computed in double and rounded once. For these operations on float32 operands the result is
/// the correctly rounded one, so an engine that fuses, reorders or skips a rounding disagrees.
/// </summary>
internal static class Rounded
{
    public static float Add(float a, float b) => (float)((double)a + b);

    public static float Subtract(float a, float b) => (float)((double)a - b);

    public static float Multiply(float a, float b) => (float)((double)a * b);

    public static float Divide(float a, float b) => (float)((double)a / b);

    public static float Root(float a) => (float)Math.Sqrt(a);

    public static float Larger(float a, float b) => float.IsNaN(a) || float.IsNaN(b) ? float.NaN : a >= b ? a : b;

    public static float Smaller(float a, float b) => float.IsNaN(a) || float.IsNaN(b) ? float.NaN : a <= b ? a : b;
}
