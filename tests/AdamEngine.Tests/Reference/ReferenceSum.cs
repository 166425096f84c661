using static Adam.Engine.Tests.Reference.Rounded;

namespace Adam.Engine.Tests.Reference;

/// <summary>
/// The summation order of the specification, formulated over index ranges and per lane instead of over slices and per group.
/// </summary>
internal static class ReferenceSum
{
    public static float Of(IReadOnlyList<float> values) =>
        Enumerable.Range(0, (values.Count + 8191) / 8192)
            .Select(block => Range(values, block * 8192, Math.Min(values.Count, (block + 1) * 8192)))
            .Aggregate(0f, Add);

    private static float Range(IReadOnlyList<float> values, int from, int to)
    {
        int count = to - from;
        if (count < 8)
        {
            return Enumerable.Range(from, count).Select(i => values[i]).Aggregate(0f, Add);
        }

        if (count > 128)
        {
            int middle = from + count / 2 / 8 * 8;
            return Add(Range(values, from, middle), Range(values, middle, to));
        }

        int end = from + count / 8 * 8;
        float[] lane = [.. Enumerable.Range(0, 8).Select(j => Lane(values, from + j, end))];
        float whole = Add(Add(Add(lane[0], lane[1]), Add(lane[2], lane[3])), Add(Add(lane[4], lane[5]), Add(lane[6], lane[7])));
        return Enumerable.Range(end, to - end).Select(i => values[i]).Aggregate(whole, Add);
    }

    private static float Lane(IReadOnlyList<float> values, int first, int end)
    {
        float sum = values[first];
        for (int i = first + 8; i < end; i += 8)
        {
            sum = Add(sum, values[i]);
        }

        return sum;
    }
}
