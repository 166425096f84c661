namespace Adam.Samples.DigitsTraining.Model;

/// <summary>The loss of a classifier: the mean over the rows of <c>-log softmax(logits)[label]</c>.</summary>
internal static class SoftmaxCrossEntropy
{
    /// <summary>Turns logits into the gradient of the mean loss, in place.</summary>
    /// <returns>The sum of the losses of the rows.</returns>
    public static double Backward(Span<float> logits, ReadOnlySpan<int> labels, int classes)
    {
        var lossSum = 0.0;
        var rowWeight = 1f / labels.Length;
        for (var row = 0; row < labels.Length; row++)
        {
            var values = logits.Slice(row * classes, classes);
            lossSum += SoftmaxInPlace(values, labels[row]);
            values[labels[row]] -= 1;
            foreach (ref var value in values)
            {
                value *= rowWeight;
            }
        }

        return lossSum;
    }

    private static double SoftmaxInPlace(Span<float> values, int label)
    {
        var highest = values[0];
        foreach (var value in values)
        {
            highest = MathF.Max(highest, value);
        }

        // Subtracting the highest keeps the exponentials from overflowing; the quotient stays the same.
        var sum = 0f;
        var labelLogit = values[label] - highest;
        foreach (ref var value in values)
        {
            value = MathF.Exp(value - highest);
            sum += value;
        }

        foreach (ref var value in values)
        {
            value /= sum;
        }

        return MathF.Log(sum) - labelLogit;
    }
}
