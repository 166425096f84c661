using Adam.Engine.State;
using Adam.Engine.Step;

namespace Adam.Engine;

/// <summary>How much memory an optimizer's numbers take, known before they are allocated.</summary>
public static class MemoryEstimate
{
    /// <summary>Bytes that every parameter (one element of a trainable float32 variable) takes, its own value included.</summary>
    /// <param name="options">The configuration of its group, which decides what slots there are.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public static long BytesPerParameter(AdamOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return SlotLayout.All.Count(slot => SlotLayout.Contains(options, slot)) * TensorDType.Float32.ElementBytes();
    }

    /// <summary>
    /// Bytes of all slots of all variables, the variables' own values included: exactly what is allocated. Each array is rounded up to
    /// a multiple of 64 bytes, and large slots begin at different places of a page (up to 4 KiB more for each slot).
    /// </summary>
    /// <param name="options">The configuration.</param>
    /// <param name="variables">The variables.</param>
    /// <exception cref="OverflowException">The total, or the size of a variable, exceeds 2^63 - 1.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static long Bytes(OptimizerOptions options, IReadOnlyList<VariableSpec> variables)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(variables);
        var offset = new SlotOffsets();
        foreach (AdamSlot slot in SlotLayout.All)
        {
            long bytes = SlotOffsets.SlotBytes(options, variables, slot);
            offset.Begin(bytes);
            offset.Add(bytes);
        }

        return offset.Next;
    }

    /// <summary>
    /// Bytes that constraints need beside the slots: <see cref="MaxNormConstraint"/> takes a float32 for each of the lines that lie side by side along its
    /// axis.
    /// </summary>
    /// <param name="variables">The variables, which <see cref="VariableSpecValidator"/> has nothing against.</param>
    /// <exception cref="OverflowException">The total exceeds 2^63 - 1.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="variables"/> is null.</exception>
    public static long ConstraintBytes(IReadOnlyList<VariableSpec> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        return variables.Aggregate(0L, (sum, variable) => checked(sum + (MaxNormPass.ColumnCount(variable) * sizeof(float))));
    }
}
