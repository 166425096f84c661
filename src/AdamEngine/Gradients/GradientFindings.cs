namespace Adam.Engine.Gradients;

/// <summary>What is wrong with gradients as they came in: how many elements are NaN or infinite, and where first.</summary>
internal readonly record struct GradientFindings(long NonFiniteCount, int? FirstNonFiniteVariable)
{
    public static GradientFindings Of(IReadOnlyList<Gradient> gradients)
    {
        long total = 0;
        int? first = null;
        for (int position = 0; position < gradients.Count; position++)
        {
            long count = CountNonFinite(gradients[position].Values.Span);
            if (count > 0)
            {
                first ??= gradients[position].VariableIndex;
            }

            total += count;
        }

        return new GradientFindings(total, first);
    }

    private static long CountNonFinite(ReadOnlySpan<float> values)
    {
        long count = 0;
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                count++;
            }
        }

        return count;
    }
}
