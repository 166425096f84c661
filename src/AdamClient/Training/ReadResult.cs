namespace Adam.Client;

/// <summary>Tensors of one version of a session.</summary>
public sealed class ReadResult
{
    private readonly IReadOnlyDictionary<(TensorSlot Slot, int Tensor), float[]> _values;

    internal ReadResult(IReadOnlyDictionary<(TensorSlot Slot, int Tensor), float[]> values)
    {
        _values = values;
    }

    /// <summary>The one version that everything belongs to.</summary>
    public required ulong Version { get; init; }

    /// <summary>The session's generation.</summary>
    public required ulong Generation { get; init; }

    /// <summary>True if the session was not newer than <see cref="ReadOptions.IfNewerThan"/>: there are no values.</summary>
    public required bool Unchanged { get; init; }

    /// <summary>Keras's raw counter at this version.</summary>
    public required long Iterations { get; init; }

    /// <summary>The elements of one tensor, row-major.</summary>
    /// <param name="tensorIndex">The index of the tensor.</param>
    /// <param name="slot">The slot.</param>
    /// <exception cref="KeyNotFoundException">The tensor or the slot was not asked for, or nothing had changed.</exception>
    public float[] this[int tensorIndex, TensorSlot slot = TensorSlot.Weights] => _values[(slot, tensorIndex)];
}
