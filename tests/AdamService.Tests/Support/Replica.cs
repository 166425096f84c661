using Adam.Engine;
using Adam.V1;

namespace Adam.Service.Tests.Support;

/// <summary>The engine without the service: what a session's numbers must be.</summary>
#pragma warning disable CA1001 // The finalizer of its memory is enough for a test.
internal sealed class Replica
#pragma warning restore CA1001
{
    private readonly AdamOptimizer _optimizer;

    public Replica(AdamOptions options, params float[][] initial)
    {
        _optimizer = new AdamOptimizer(options, [.. initial.Select((values, index) => new VariableSpec($"t{index}", [values.Length]))]);
        for (var i = 0; i < initial.Length; i++)
        {
            initial[i].CopyTo(_optimizer.Slot(i, AdamSlot.Weights).Span<float>());
        }
    }

    public Replica(params float[][] initial)
        : this(new AdamOptions(), initial)
    {
    }

    /// <summary>Applies gradients in index order.</summary>
    public Replica Apply(params float[][] gradients) => ApplyListed([.. gradients.Select((values, index) => (index, values))]);

    /// <summary>Applies gradients in the order in which they are listed.</summary>
    public Replica ApplyListed(params (int Tensor, float[] Values)[] gradients)
    {
        List<TensorBuffer> buffers = [.. gradients.Select(gradient => TensorBuffer.Of(gradient.Values))];
        _optimizer.Apply([.. gradients.Select((gradient, position) => new Gradient(gradient.Tensor, buffers[position].View))]);
        buffers.ForEach(buffer => buffer.Dispose());
        return this;
    }

    public float[] Weights(int tensor = 0) => Slot(tensor, AdamSlot.Weights);

    public float[] Slot(int tensor, AdamSlot slot)
    {
        var values = _optimizer.Slot(tensor, slot).Span<float>().ToArray();
        GC.KeepAlive(_optimizer);
        return values;
    }
}
