using static Adam.Engine.Tests.Reference.Rounded;

namespace Adam.Engine.Tests.Reference;

/// <summary>
/// Keras's Adam once more, written from the specification for reading only: one element at a time, one variable after the other,
/// every array always there.
/// </summary>
internal sealed class ReferenceAdam
{
    private readonly AdamOptions _options;
    private readonly bool[] _decayed;
    private long _iteration;

    public ReferenceAdam(AdamOptions options, float[][] weights, bool[] decayed)
    {
        _options = options;
        _decayed = decayed;
        X = [.. weights.Select(w => (float[])w.Clone())];
        (M, V, VHat, Average, Sum) = (Zeros(), Zeros(), Zeros(), Zeros(), Zeros());
    }

    public float[][] X { get; }

    public float[][] M { get; }

    public float[][] V { get; }

    public float[][] VHat { get; }

    public float[][] Average { get; }

    public float[][] Sum { get; }

    /// <summary>One call with gradients for some variables, in this order.</summary>
    public void Apply(IReadOnlyList<(int Variable, float[] Gradient)> pairs)
    {
        int k = _options.GradientAccumulationSteps ?? 0;
        long effective = k == 0 ? _iteration : _iteration / k;
        bool last = k == 0 || (_iteration + 1) % k == 0;
        float[][] g = [.. pairs.Select(pair => pair.Gradient.Select(Unscaled).ToArray())];

        if (!last)
        {
            EachElement(pairs, (p, variable, e) => Sum[variable][e] = Add(g[p][e], Sum[variable][e]));
        }
        else
        {
            if (k != 0)
            {
                EachElement(pairs, (p, variable, e) => g[p][e] = Divide(Add(g[p][e], Sum[variable][e]), k));
            }

            Clip(g);
            float rate = _options.LearningRate.At(_iteration);
            EachElement(pairs, (p, variable, e) => UpdateElement(variable, e, g[p][e], effective + 1, rate));
            Array.ForEach(Sum, Array.Clear);
        }

        MoveAverages(effective);
        _iteration++;
    }

    private static void EachElement(IReadOnlyList<(int Variable, float[] Gradient)> pairs, Action<int, int, int> visit)
    {
        for (int p = 0; p < pairs.Count; p++)
        {
            for (int e = 0; e < pairs[p].Gradient.Length; e++)
            {
                visit(p, pairs[p].Variable, e);
            }
        }
    }

    private float[][] Zeros() => [.. X.Select(x => new float[x.Length])];

    private float Unscaled(float g) => _options.LossScaleFactor is { } factor ? Divide(g, (float)factor) : g;

    private void Clip(float[][] gradients)
    {
        if (_options.ClipNorm is > 0)
        {
            float c = (float)_options.ClipNorm.Value;
            for (int p = 0; p < gradients.Length; p++)
            {
                float s = SquareSum(gradients[p]);
                float n = s > 0 ? Root(s) : s;
                gradients[p] = [.. gradients[p].Select(g => Divide(Multiply(g, c), Larger(n, c)))];
            }
        }

        if (_options.GlobalClipNorm is > 0)
        {
            double c = _options.GlobalClipNorm.Value;
            float n = Root(ReferenceSum.Of([.. gradients.Select(SquareSum)]));
            float scale = Multiply((float)c, Smaller(Divide(1f, n), (float)(1.0 / c)));
            scale = Add(scale, Subtract(n, n));
            for (int p = 0; p < gradients.Length; p++)
            {
                gradients[p] = [.. gradients[p].Select(g => Multiply(g, scale))];
            }
        }

        if (_options.ClipValue is > 0)
        {
            float c = (float)_options.ClipValue.Value;
            for (int p = 0; p < gradients.Length; p++)
            {
                gradients[p] = [.. gradients[p].Select(g => Smaller(Larger(g, -c), c))];
            }
        }
    }

    private static float SquareSum(float[] gradient) => ReferenceSum.Of([.. gradient.Select(g => Multiply(g, g))]);

    private void UpdateElement(int variable, int e, float g, long t, float rate)
    {
        float x = X[variable][e];
        if (_options.WeightDecay is { } decay && _decayed[variable])
        {
            x = Subtract(x, Multiply(Multiply(x, (float)decay), rate));
        }

        float p1 = MathF.Pow((float)_options.Beta1, t);
        float p2 = MathF.Pow((float)_options.Beta2, t);
        float alpha = Divide(Multiply(rate, Root(Subtract(1f, p2))), Subtract(1f, p1));
        float m = M[variable][e];
        m = Add(m, Multiply(Subtract(g, m), (float)(1.0 - _options.Beta1)));
        float v = V[variable][e];
        v = Add(v, Multiply(Subtract(Multiply(g, g), v), (float)(1.0 - _options.Beta2)));
        float vHat = Larger(VHat[variable][e], v);
        float root = Root(_options.AmsGrad ? vHat : v);
        X[variable][e] = Subtract(x, Divide(Multiply(m, alpha), Add(root, (float)_options.Epsilon)));
        M[variable][e] = m;
        V[variable][e] = v;
        VHat[variable][e] = vHat;
    }

    private void MoveAverages(long effective)
    {
        if (!_options.UseEma)
        {
            return;
        }

        float mu = effective == 0 ? Multiply(0f, (float)_options.EmaMomentum) : (float)_options.EmaMomentum;
        int frequency = _options.EmaOverwriteFrequency ?? 0;
        for (int variable = 0; variable < X.Length; variable++)
        {
            for (int e = 0; e < X[variable].Length; e++)
            {
                float average = Add(Multiply(mu, Average[variable][e]), Multiply(Subtract(1f, mu), X[variable][e]));
                Average[variable][e] = average;
                X[variable][e] = frequency != 0 && (effective + 1) % frequency == 0 ? average : X[variable][e];
            }
        }
    }
}
