using System.Collections.Immutable;
using Adam.Samples.DigitsTraining.Digits;

namespace Adam.Samples.DigitsTraining.Model;

/// <summary>
/// A network of one hidden layer: 64 pixels, 128 rectified units, 10 digits. It holds its weights and the gradients of the last
/// batch; changing the weights is left to an optimizer.
/// </summary>
/// <remarks>Everything runs on one thread in a fixed order, so that the same seed gives the same bits.</remarks>
internal sealed class Mlp
{
    private const int HiddenUnits = 128;

    private readonly DenseLayer _first = new("dense", DigitImages.PixelsPerImage, HiddenUnits);
    private readonly DenseLayer _second = new("dense_1", HiddenUnits, DigitImages.Classes);
    private readonly int _rowsMax;
    private readonly float[] _pixels;
    private readonly int[] _labels;
    private readonly float[] _hidden;
    private readonly float[] _hiddenGradient;
    private readonly float[] _logits;

    public Mlp(Random random, int rowsMax)
    {
        _rowsMax = rowsMax;
        _pixels = new float[rowsMax * DigitImages.PixelsPerImage];
        _labels = new int[rowsMax];
        _hidden = new float[rowsMax * HiddenUnits];
        _hiddenGradient = new float[rowsMax * HiddenUnits];
        _logits = new float[rowsMax * DigitImages.Classes];
        Parameters = [_first.Kernel, _first.Bias, _second.Kernel, _second.Bias];
        Weights =
        [
            _first.InitialKernel(random),
            new float[_first.Bias.ElementCount],
            _second.InitialKernel(random),
            new float[_second.Bias.ElementCount],
        ];
        Gradients = [.. Parameters.Select(parameter => new float[parameter.ElementCount])];
    }

    /// <summary>The arrays of the network in Keras's variable order.</summary>
    public ImmutableArray<Parameter> Parameters { get; }

    /// <summary>One array for each of <see cref="Parameters"/>.</summary>
    public ImmutableArray<float[]> Weights { get; }

    /// <summary>The gradients that <see cref="Backpropagate"/> left, one array for each of <see cref="Parameters"/>.</summary>
    public ImmutableArray<float[]> Gradients { get; }

    /// <summary>Computes the gradients of the mean loss over some images.</summary>
    /// <returns>The sum of their losses.</returns>
    public double Backpropagate(DigitImages images, ReadOnlySpan<int> indexes)
    {
        var rows = Gather(images, indexes);
        Forward(rows);
        var logits = _logits.AsSpan(0, rows * DigitImages.Classes);
        var loss = SoftmaxCrossEntropy.Backward(logits, _labels.AsSpan(0, rows), DigitImages.Classes);
        _second.BackwardParameters(rows, _hidden, _logits, Gradients[2], Gradients[3]);
        _second.BackwardInputs(rows, _logits, Weights[2], _hiddenGradient);
        for (var i = 0; i < rows * HiddenUnits; i++)
        {
            // A unit that was switched off passes nothing back.
            _hiddenGradient[i] = _hidden[i] > 0 ? _hiddenGradient[i] : 0;
        }

        _first.BackwardParameters(rows, _pixels, _hiddenGradient, Gradients[0], Gradients[1]);
        return loss;
    }

    /// <summary>The share of images whose highest output is their digit, 0 to 1.</summary>
    public double Accuracy(DigitImages images)
    {
        var right = 0;
        var all = Enumerable.Range(0, images.Count).ToArray();
        for (var start = 0; start < all.Length; start += _rowsMax)
        {
            var rows = Gather(images, all.AsSpan(start, Math.Min(_rowsMax, all.Length - start)));
            Forward(rows);
            for (var row = 0; row < rows; row++)
            {
                right += Highest(_logits.AsSpan(row * DigitImages.Classes, DigitImages.Classes)) == _labels[row] ? 1 : 0;
            }
        }

        return (double)right / images.Count;
    }

    private int Gather(DigitImages images, ReadOnlySpan<int> indexes)
    {
        for (var row = 0; row < indexes.Length; row++)
        {
            images.Image(indexes[row]).CopyTo(_pixels.AsSpan(row * DigitImages.PixelsPerImage));
            _labels[row] = images.Labels[indexes[row]];
        }

        return indexes.Length;
    }

    private void Forward(int rows)
    {
        _first.Forward(rows, _pixels, Weights[0], Weights[1], _hidden);
        for (var i = 0; i < rows * HiddenUnits; i++)
        {
            _hidden[i] = MathF.Max(_hidden[i], 0);
        }

        _second.Forward(rows, _hidden, Weights[2], Weights[3], _logits);
    }

    private static int Highest(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }

        return best;
    }
}
