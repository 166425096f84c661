using Adam.Engine.Memory;

namespace Adam.Engine.State;

/// <summary>
/// The numbers of an optimizer: one array per variable and slot, all in one piece of native memory, each beginning on a cache line
/// (<see cref="SlotOffsets"/>).
/// Everything is zero at first.
/// </summary>
internal sealed unsafe class SlotStore : IDisposable
{
    private readonly NativeAllocation _memory;
    private readonly TensorView[][] _views;
    private readonly long _weightBytes;

    public SlotStore(OptimizerOptions options, IReadOnlyList<VariableSpec> variables)
    {
        _memory = new NativeAllocation(MemoryEstimate.Bytes(options, variables), zeroed: true);
        _weightBytes = SlotOffsets.SlotBytes(options, variables, AdamSlot.Weights);
        var offset = new SlotOffsets();
        _views = [.. SlotLayout.All.Select(_ => new TensorView[variables.Count])];

        // Slot by slot, so that the arrays that a step walks side by side lie far apart.
        foreach (AdamSlot slot in SlotLayout.All)
        {
            offset.Begin(SlotOffsets.SlotBytes(options, variables, slot));
            for (int index = 0; index < variables.Count; index++)
            {
                VariableSpec variable = variables[index];
                if (SlotLayout.Contains(options, variable, slot))
                {
                    _views[(int)slot][index] = new TensorView(
                        _memory.Address + offset.Next, SlotLayout.DType(variable, slot), SlotLayout.ElementCount(variable, slot));
                    offset.Add(SlotOffsets.ArrayBytes(variable, slot));
                }
            }
        }
    }

    /// <summary>The array of a slot that the caller knows to exist.</summary>
    /// <exception cref="ObjectDisposedException">The memory was freed.</exception>
    public TensorView this[int variableIndex, AdamSlot slot]
    {
        get
        {
            ThrowIfDisposed();
            return _views[(int)slot][variableIndex];
        }
    }

    /// <summary>The first byte of an array; null if the variable has no such slot.</summary>
    public byte* Address(int variableIndex, AdamSlot slot) => (byte*)_views[(int)slot][variableIndex].Address;

    /// <summary>
    /// Moves the weights to other memory, which must outlive the store, and gives the pages that they leave back to the system. Every address of
    /// weights that was taken before is stale.
    /// </summary>
    /// <param name="memory">An array for each variable, of its type and length.</param>
    public void MoveWeights(IReadOnlyList<TensorView> memory)
    {
        TensorView[] weights = _views[(int)AdamSlot.Weights];
        byte* start = weights.Length > 0 ? (byte*)weights[0].Address : null;
        for (int index = 0; index < weights.Length; index++)
        {
            weights[index].CopyTo(memory[index]);
            weights[index] = memory[index];
        }

        if (start >= _memory.Address && start < _memory.Address + _memory.Bytes)
        {
            _memory.Discard(start, _weightBytes);
        }
    }

    /// <exception cref="ObjectDisposedException">The memory was freed.</exception>
    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_memory.IsClosed, this);

    public void Dispose() => _memory.Dispose();
}
