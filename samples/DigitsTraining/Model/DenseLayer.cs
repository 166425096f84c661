namespace Adam.Samples.DigitsTraining.Model;

/// <summary>A fully connected layer: <c>outputs = inputs · kernel + bias</c>, in plain loops whose order never changes.</summary>
internal sealed class DenseLayer(string name, int inputs, int outputs)
{
    public int Inputs { get; } = inputs;

    public int Outputs { get; } = outputs;

    /// <summary>Shape [inputs, outputs].</summary>
    public Parameter Kernel { get; } = new($"{name}/kernel", [inputs, outputs]);

    /// <summary>Shape [outputs].</summary>
    public Parameter Bias { get; } = new($"{name}/bias", [outputs]);

    /// <summary>Keras's default, Glorot uniform.</summary>
    public float[] InitialKernel(Random random)
    {
        var limit = Math.Sqrt(6.0 / (Inputs + Outputs));
        var kernel = new float[Kernel.ElementCount];
        for (var i = 0; i < kernel.Length; i++)
        {
            kernel[i] = (float)((random.NextDouble() * 2 - 1) * limit);
        }

        return kernel;
    }

    /// <summary>
    /// Fills <paramref name="y"/> (rows of <see cref="Outputs"/>) from <paramref name="x"/> (rows of <see cref="Inputs"/>).
    /// </summary>
    public void Forward(int rows, ReadOnlySpan<float> x, ReadOnlySpan<float> kernel, ReadOnlySpan<float> bias, Span<float> y)
    {
        for (var row = 0; row < rows; row++)
        {
            var output = y.Slice(row * Outputs, Outputs);
            bias.CopyTo(output);
            for (var i = 0; i < Inputs; i++)
            {
                AddScaled(x[row * Inputs + i], kernel.Slice(i * Outputs, Outputs), output);
            }
        }
    }

    /// <summary>Fills the gradients of kernel and bias from the gradient of the outputs, summed over the rows.</summary>
    public void BackwardParameters(
        int rows,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> outputGradient,
        Span<float> kernelGradient,
        Span<float> biasGradient)
    {
        kernelGradient.Clear();
        biasGradient.Clear();
        for (var row = 0; row < rows; row++)
        {
            var gradient = outputGradient.Slice(row * Outputs, Outputs);
            AddScaled(1, gradient, biasGradient);
            for (var i = 0; i < Inputs; i++)
            {
                AddScaled(x[row * Inputs + i], gradient, kernelGradient.Slice(i * Outputs, Outputs));
            }
        }
    }

    /// <summary>Fills the gradient of the inputs from that of the outputs.</summary>
    public void BackwardInputs(int rows, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> kernel, Span<float> inputGradient)
    {
        for (var row = 0; row < rows; row++)
        {
            var gradient = outputGradient.Slice(row * Outputs, Outputs);
            for (var i = 0; i < Inputs; i++)
            {
                var weights = kernel.Slice(i * Outputs, Outputs);
                var sum = 0f;
                for (var j = 0; j < weights.Length; j++)
                {
                    sum += gradient[j] * weights[j];
                }

                inputGradient[row * Inputs + i] = sum;
            }
        }
    }

    private static void AddScaled(float scale, ReadOnlySpan<float> source, Span<float> target)
    {
        for (var j = 0; j < target.Length; j++)
        {
            target[j] += scale * source[j];
        }
    }
}
