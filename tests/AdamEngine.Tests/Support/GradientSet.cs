namespace Adam.Engine.Tests.Support;

/// <summary>Gradients in native memory, freed together.</summary>
internal sealed class GradientSet : IDisposable
{
    private readonly List<TensorBuffer> _buffers = [];

    public GradientSet(IEnumerable<(int Variable, TensorDType Stored, float[] Values)> gradients)
    {
        Gradients = [.. gradients.Select(gradient => new Gradient(gradient.Variable, Store(gradient.Stored, gradient.Values)))];
    }

    public Gradient[] Gradients { get; }

    public void Dispose() => _buffers.ForEach(buffer => buffer.Dispose());

    private TensorView Store(TensorDType stored, float[] values)
    {
        var buffer = new TensorBuffer(stored, values.Length);
        _buffers.Add(buffer);
        buffer.View.Write(values);
        return buffer.View;
    }
}
