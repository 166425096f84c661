using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Reference;

/// <summary>A drawn configuration with variables and gradients.</summary>
internal sealed class RandomScenario
{
    private readonly SeededRandom _random;

    public RandomScenario(ulong seed)
    {
        _random = new SeededRandom(seed);
        Options = DrawOptions();
        Lengths = [.. Enumerable.Range(0, 1 + _random.Below(5)).Select(_ => DrawLength())];
        Variables =
        [
            .. Lengths.Select((length, index) => new VariableSpec($"layer{index}/kernel", [length])
            {
                ExcludedFromWeightDecay = _random.Chance(4),
            }),
        ];
        Weights = [.. Lengths.Select(_random.Finite)];
    }

    public AdamOptions Options { get; }

    public int[] Lengths { get; }

    public VariableSpec[] Variables { get; }

    public float[][] Weights { get; }

    public int StepCount => 3 + _random.Below(6);

    /// <summary>Gradients of a step: some of the variables in some order, now and then with NaN or an infinity.</summary>
    public IReadOnlyList<(int Variable, float[] Gradient)> DrawGradients()
    {
        bool poisoned = _random.Chance(6);
        return [.. _random.Selection(Lengths.Length).Select(variable => (variable, DrawGradient(Lengths[variable], poisoned)))];
    }

    private float[] DrawGradient(int length, bool poisoned)
    {
        float[] gradient = _random.Finite(length);
        if (poisoned && length > 0 && _random.Chance(2))
        {
            gradient[_random.Below(length)] = _random.Pick(float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e30f);
        }

        // Without this most norms would be dominated by the few huge numbers.
        return _random.Chance(2) ? [.. gradient.Select(g => Math.Abs(g) > 1e3f ? 0.5f : g)] : gradient;
    }

    private int DrawLength() => _random.Below(20) switch
    {
        0 => 0,
        1 => 8192 + _random.Below(9000),
        < 8 => 1 + _random.Below(9),
        _ => 1 + _random.Below(300),
    };

    private AdamOptions DrawOptions()
    {
        int clip = _random.Below(5);
        double limit = _random.Pick(1.0, 0.7, 41.0, 0.1, 3.3, 1e-3, 0.0, -1.0);
        return new AdamOptions
        {
            LearningRate = DrawLearningRate(),
            Beta1 = _random.Pick(0.9, 0.9, 0.0, 0.5, 0.85, 0.99, 1.0, -0.3),
            Beta2 = _random.Pick(0.999, 0.999, 0.9, 0.97, 0.99999, 0.0, 1.0),
            Epsilon = _random.Pick(1e-7, 1e-7, 1e-3, 1e-30, 0.0),
            AmsGrad = _random.Chance(3),
            WeightDecay = _random.Pick<double?>(null, null, 0.0, 0.004, 0.3, -0.1),
            ClipNorm = clip == 0 ? limit : null,
            GlobalClipNorm = clip == 1 ? limit : null,
            ClipValue = clip == 2 ? limit : null,
            UseEma = _random.Chance(2),
            EmaMomentum = _random.Pick(0.99, 0.9, 0.5, 0.0, 1.0),
            EmaOverwriteFrequency = _random.Pick<int?>(null, 0, 1, 2, 3),
            LossScaleFactor = _random.Pick<double?>(null, null, 1024.0, 3.0, 0.1),
            GradientAccumulationSteps = _random.Pick<int?>(null, null, 0, 2, 3, 4),
        };
    }

    private LearningRate DrawLearningRate() => _random.Below(6) switch
    {
        0 => LearningRate.Scheduled(new ExponentialDecay(0.1, 3, 0.7)),
        1 => LearningRate.Scheduled(new CosineDecay(0.01, 5, 0.1, WarmupTarget: 0.2, WarmupSteps: 2)),
        2 => LearningRate.Constant(_random.Pick(0.0, -0.01, 1.0)),
        _ => LearningRate.Constant(_random.Pick(0.001, 0.01, 0.1, 0.0037)),
    };
}
