namespace Adam.Client;

/// <summary>Tensors of one version of a session.</summary>
public sealed class ReadResult
{
    private readonly IReadOnlyDictionary<(TensorSlot Slot, int Tensor), Array> _values;

    internal ReadResult(IReadOnlyDictionary<(TensorSlot Slot, int Tensor), Array> values)
    {
        _values = values;
    }

    /// <summary>The one version that everything belongs to.</summary>
    public required ulong Version { get; init; }

    /// <summary>The session's generation.</summary>
    public required ulong Generation { get; init; }

    /// <summary>True if nothing was newer than <see cref="ReadOptions.IfNewerThan"/>: there are no values.</summary>
    public required bool Unchanged { get; init; }

    /// <summary>Where each group stood at this version.</summary>
    public required IReadOnlyList<GroupStatus> Groups { get; init; }

    /// <summary>Keras's raw counter of the first group at this version.</summary>
    public long Iterations => Groups.Count > 0 ? Groups[0].Iterations : 0;

    /// <summary>Whether there are values of a tensor: not if it was not asked for, does not have the slot, or had not changed.</summary>
    /// <param name="tensorIndex">The index of the tensor.</param>
    /// <param name="slot">The slot.</param>
    public bool Has(int tensorIndex, TensorSlot slot = TensorSlot.Weights) => _values.ContainsKey((slot, tensorIndex));

    /// <summary>The elements of one tensor, row-major. Those that came as float16 are widened, which loses nothing, with every call.</summary>
    /// <param name="tensorIndex">The index of the tensor.</param>
    /// <param name="slot">The slot.</param>
    /// <exception cref="KeyNotFoundException">The tensor or the slot was not asked for or does not exist, or nothing had changed.</exception>
    /// <exception cref="InvalidOperationException">They are integers.</exception>
    public float[] this[int tensorIndex, TensorSlot slot = TensorSlot.Weights] => _values[(slot, tensorIndex)] switch
    {
        float[] floats => floats,
        Half[] halves => Array.ConvertAll(halves, value => (float)value),
        int[] => throw new InvalidOperationException($"{slot} of tensor {tensorIndex} are integers: take them from RowSteps."),
        var other => throw new NotSupportedException($"Elements of type {other.GetType().GetElementType()}."),
    };

    /// <summary>The elements of one tensor that came as float16, row-major.</summary>
    /// <param name="tensorIndex">The index of the tensor.</param>
    /// <param name="slot">The slot.</param>
    /// <exception cref="KeyNotFoundException">The tensor or the slot was not asked for or does not exist, or nothing had changed.</exception>
    /// <exception cref="InvalidOperationException">They did not come as float16.</exception>
    public Half[] Float16(int tensorIndex, TensorSlot slot = TensorSlot.Weights) => _values[(slot, tensorIndex)] as Half[]
        ?? throw new InvalidOperationException($"Tensor {tensorIndex} did not come as float16.");

    /// <summary>How many updates each row of one tensor has had: <see cref="TensorSlot.RowSteps"/>.</summary>
    /// <param name="tensorIndex">The index of the tensor.</param>
    /// <exception cref="KeyNotFoundException">They were not asked for or do not exist, or nothing had changed.</exception>
    public int[] RowSteps(int tensorIndex) => (int[])_values[(TensorSlot.RowSteps, tensorIndex)];
}
