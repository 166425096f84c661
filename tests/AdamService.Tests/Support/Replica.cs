using Adam.Engine;
using Adam.V1;

namespace Adam.Service.Tests.Support;

/// <summary>The engine without the service: what a session's numbers must be.</summary>
internal sealed class Replica
{
    private readonly AdamOptimizer _optimizer;

    public Replica(AdamOptions options, params float[][] initial)
    {
        _optimizer = new AdamOptimizer(options, [.. initial.Select((values, index) => new VariableSpec($"t{index}", [values.Length]))]);
        for (var i = 0; i < initial.Length; i++)
        {
            initial[i].CopyTo(_optimizer.Slot(i, AdamSlot.Weights));
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
        // The engine uses the buffers as scratch.
        _optimizer.Apply([.. gradients.Select(gradient => new Gradient(gradient.Tensor, (float[])gradient.Values.Clone()))]);
        return this;
    }

    public float[] Weights(int tensor = 0) => Slot(tensor, AdamSlot.Weights);

    public float[] Slot(int tensor, AdamSlot slot) => _optimizer.Slot(tensor, slot).ToArray();
}
