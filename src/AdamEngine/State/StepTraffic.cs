using Adam.Engine.State;

namespace Adam.Engine;

/// <summary>The bytes that a step moves between memory and processor, by which its time goes where the state is larger than the caches.</summary>
public static class StepTraffic
{
    /// <summary>
    /// Bytes of a step in which every trainable variable is updated: each slot is read and written, each gradient is read, and read once more before that
    /// where something depends on all of it (norms, a dynamic loss scale, policies that refuse or skip).
    /// </summary>
    /// <param name="options">The configuration.</param>
    /// <param name="variables">The variables, which <see cref="VariableSpecValidator"/> has nothing against.</param>
    /// <param name="gradients">How gradients are held.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static UInt128 Bytes(OptimizerOptions options, IReadOnlyList<VariableSpec> variables, TensorDType gradients)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(variables);
        bool looksFirst = options.DynamicLossScale is not null || options.NonFinitePolicy is not NonFinitePolicy.Propagate;
        UInt128 bytes = 0;
        foreach (VariableSpec variable in variables.Where(variable => variable.Role == VariableRole.Trainable))
        {
            AdamOptions group = options.Groups[variable.Group];
            int slots = SlotLayout.All.Count(slot => slot != AdamSlot.RowSteps && SlotLayout.Contains(options, variable, slot));
            int looks = looksFirst || group.ClipNorm is not null || group.GlobalClipNorm is not null ? 2 : 1;
            bytes += (UInt128)variable.ElementCount * (UInt128)((2 * slots * variable.DType.ElementBytes()) + (looks * gradients.ElementBytes()));
        }

        return bytes;
    }
}
