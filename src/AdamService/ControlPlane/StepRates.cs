namespace Adam.Service.ControlPlane;

/// <summary>How long steps took that were measured, by the bytes that they moved, and what lies between and beyond.</summary>
/// <param name="Points">Steps of one tensor, by their bytes, ascending; at least one.</param>
/// <param name="SecondsPerTensor">What each further tensor of a step costs beyond its bytes.</param>
internal sealed record StepRates(IReadOnlyList<(double Bytes, double Seconds)> Points, double SecondsPerTensor)
{
    /// <summary>The time of a step: by the line through the two measured ones around it; beyond the largest at its bytes per second.</summary>
    /// <param name="bytes">Bytes that it moves.</param>
    /// <param name="tensors">Tensors that it updates.</param>
    public double Seconds(double bytes, int tensors)
    {
        if (tensors == 0)
        {
            return 0;
        }

        return Line(bytes) + ((tensors - 1) * SecondsPerTensor);
    }

    private double Line(double bytes)
    {
        var (last, first) = (Points[^1], Points[0]);
        if (bytes >= last.Bytes)
        {
            return bytes * last.Seconds / last.Bytes;
        }

        if (bytes <= first.Bytes)
        {
            return first.Seconds;
        }

        var above = 1;
        while (Points[above].Bytes < bytes)
        {
            above++;
        }

        var (low, high) = (Points[above - 1], Points[above]);
        return low.Seconds + ((bytes - low.Bytes) / (high.Bytes - low.Bytes) * (high.Seconds - low.Seconds));
    }
}
