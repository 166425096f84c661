namespace Adam.Engine.Tests.Reference;

/// <summary>
/// Keras's Adam a second time, in another form: whole arrays in the order of Keras's source, with NumPy's rules for types instead of
/// rules of its own.
/// </summary>
internal sealed class ArrayAdam
{
    private readonly AdamOptions _options;
    private readonly IReadOnlyList<VariableSpec> _variables;
    private long _iteration;

    public ArrayAdam(AdamOptions options, IReadOnlyList<VariableSpec> variables, IReadOnlyList<float[]> weights)
    {
        _options = options;
        _variables = variables;
        X = [.. weights.Select((values, i) => new NumpyArray(variables[i].DType, values).Cast(variables[i].DType))];
        (M, V, VHat, Average, Sum) = (Zeros(), Zeros(), Zeros(), Zeros(), Zeros());
    }

    public NumpyArray[] X { get; }

    public NumpyArray[] M { get; }

    public NumpyArray[] V { get; }

    public NumpyArray[] VHat { get; }

    public NumpyArray[] Average { get; }

    public NumpyArray[] Sum { get; }

    /// <summary>One call of <c>apply</c>.</summary>
    /// <param name="gradients">The gradients that there are, in this order.</param>
    /// <param name="dynamicScale">What a LossScaleOptimizer around it divides by; null without one.</param>
    /// <param name="rate">The learning rate; null for that of the options.</param>
    public void Apply(IReadOnlyList<(int Variable, NumpyArray Gradient)> gradients, float? dynamicScale, double? rate)
    {
        int k = _options.GradientAccumulationSteps ?? 0;
        long effective = k == 0 ? _iteration : _iteration / k;
        bool updates = k == 0 || (_iteration + 1) % k == 0;
        int[] variables = [.. gradients.Select(pair => pair.Variable)];
        NumpyArray[] g = [.. gradients.Select(pair => pair.Gradient)];

        if (dynamicScale is { } scale)
        {
            g = [.. g.Select(gradient => gradient / new NumpyArray(TensorDType.Float32, [scale]))];
        }
        else if (_options.LossScaleFactor is { } factor)
        {
            g = [.. g.Select(gradient => gradient / factor)];
        }

        if (!updates)
        {
            for (int p = 0; p < g.Length; p++)
            {
                Sum[variables[p]] = (g[p] + Sum[variables[p]]).Cast(_variables[variables[p]].DType);
            }
        }
        else
        {
            if (k != 0)
            {
                g = [.. g.Select((gradient, p) => (gradient + Sum[variables[p]]) / k)];
            }

            g = Clip(_options, g);
            double learningRate = rate ?? _options.LearningRate.At(_iteration);
            for (int p = 0; p < g.Length; p++)
            {
                Update(variables[p], g[p], effective + 1, learningRate);
            }

            Zeros().CopyTo(Sum, 0);
        }

        for (int i = 0; i < X.Length; i++)
        {
            MoveAverage(i, effective);
        }

        foreach (int variable in variables)
        {
            Constrain(variable);
        }

        _iteration++;
    }

    private NumpyArray[] Zeros() => [.. X.Select(x => new NumpyArray(x.DType, new float[x.Values.Length]))];

    /// <summary>Gradients clipped together.</summary>
    public static NumpyArray[] Clip(AdamOptions options, NumpyArray[] g)
    {
        if (options.ClipNorm is > 0 and var norm)
        {
            return [.. g.Select(gradient =>
            {
                NumpyArray squares = (gradient * gradient).Sum();
                NumpyArray length = squares.Values[0] > 0 ? squares.Sqrt() : squares;
                return gradient * norm / length.Maximum(length.Number(norm));
            })];
        }

        if (options.GlobalClipNorm is > 0 and var global)
        {
            NumpyArray length = NumpyArray.Stack([.. g.Select(gradient => (gradient * gradient).Sum())]).Sum().Sqrt();
            NumpyArray inverse = 1.0 / length;
            NumpyArray scale = inverse.Minimum(inverse.Number(1.0 / global)) * global;
            scale += length - length;
            return [.. g.Select(gradient => gradient * scale)];
        }

        return options.ClipValue is > 0 and var bound
            ? [.. g.Select(gradient => gradient.Maximum(gradient.Number(-bound)).Minimum(gradient.Number(bound)))]
            : g;
    }

    /// <summary>Decay and update of one variable.</summary>
    public void Update(int i, NumpyArray gradient, long step, double learningRate)
    {
        NumpyArray x = X[i];
        NumpyArray rate = x.Number(learningRate);
        if (_options.WeightDecay is { } decay && !_variables[i].ExcludedFromWeightDecay)
        {
            x -= x * decay * rate;
        }

        NumpyArray g = gradient.Cast(x.DType);
        NumpyArray local = x.Number((float)step);
        NumpyArray alpha = rate * (1.0 - x.Number(_options.Beta2).Power(local)).Sqrt() / (1.0 - x.Number(_options.Beta1).Power(local));
        M[i] += (g - M[i]) * (1.0 - _options.Beta1);
        V[i] += (g * g - V[i]) * (1.0 - _options.Beta2);
        NumpyArray v = V[i];
        if (_options.AmsGrad)
        {
            VHat[i] = VHat[i].Maximum(v);
            v = VHat[i];
        }

        X[i] = x - M[i] * alpha / (v.Sqrt() + x.Number(_options.Epsilon));
    }

    /// <summary>Moves the average of one variable, if there are averages.</summary>
    public void MoveAverage(int i, long effective)
    {
        if (_options.UseEma)
        {
            NumpyArray momentum = X[i].Number(effective != 0 ? 1 : 0) * _options.EmaMomentum;
            Average[i] = momentum * Average[i] + (1.0 - momentum) * X[i];
            if (_options.EmaOverwriteFrequency is { } every and not 0 && (effective + 1) % every == 0)
            {
                X[i] = Average[i];
            }
        }
    }

    /// <summary>Applies the constraint of one variable.</summary>
    public void Constrain(int i)
    {
        if (_variables[i].Constraint is NonNegConstraint)
        {
            // Which zero -0 becomes is NumPy's choice for the type.
            X[i] = X[i] with { Values = [.. X[i].Values.Select(x => x > 0 || float.IsNaN(x) || (x == 0 && X[i].DType == TensorDType.Float16) ? x : 0f)] };
        }
        else if (_variables[i].Constraint is MaxNormConstraint constraint)
        {
            X[i] = MaxNorm(X[i], _variables[i].Shape, constraint);
        }
    }

    // Each line along the axis by itself. With something behind the axis NumPy adds row by row, without it pairwise.
    private static NumpyArray MaxNorm(NumpyArray x, IReadOnlyList<long> shape, MaxNormConstraint constraint)
    {
        int axis = (int)(constraint.Axis < 0 ? constraint.Axis + shape.Count : constraint.Axis);
        int length = (int)shape[axis];
        int behind = (int)shape.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        float[] values = [.. x.Values];
        foreach (int[] line in Enumerable.Range(0, values.Length).GroupBy(i => (i / (length * behind), i % behind)).Select(line => line.ToArray()))
        {
            var own = new NumpyArray(x.DType, [.. line.Select(i => x.Values[i])]);
            NumpyArray squares = own * own;
            NumpyArray sum = behind == 1
                ? squares.Sum()
                : squares.Values.Aggregate(own.Number(0), (total, square) => total + new NumpyArray(x.DType, [square]));
            NumpyArray norm = sum.Sqrt();
            NumpyArray desired = norm.Maximum(norm.Number(0)).Minimum(norm.Number(constraint.MaxValue));
            NumpyArray scaled = own * (desired / (norm.Number(1e-7) + norm));
            for (int p = 0; p < line.Length; p++)
            {
                values[line[p]] = scaled.Values[p];
            }
        }

        return x with { Values = values };
    }
}
