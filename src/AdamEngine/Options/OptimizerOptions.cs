using System.Collections.Immutable;
using Adam.Engine.State;

namespace Adam.Engine;

/// <summary>
/// Everything that determines the arithmetic of a model's optimizer: independent Keras Adams that share one commit, and around them
/// what is common to all. One group and nothing else is plain Keras.
/// </summary>
public sealed record OptimizerOptions
{
    /// <summary>
    /// One Keras Adam each; a variable names its group. At least one. All must agree on <see cref="AdamOptions.LossScaleFactor"/> and
    /// <see cref="AdamOptions.GradientAccumulationSteps"/>, which are one for all. Default: one group with Keras's defaults.
    /// </summary>
    public ImmutableArray<AdamOptions> Groups { get; init; } = [new AdamOptions()];

    /// <summary>Keras's <c>LossScaleOptimizer</c> around all groups. Null: none. Default null.</summary>
    public DynamicLossScale? DynamicLossScale { get; init; }

    /// <summary>What happens to gradients that are not finite. Default <see cref="NonFinitePolicy.Propagate"/>, as in Keras.</summary>
    public NonFinitePolicy NonFinitePolicy { get; init; }

    /// <summary>Over what a global norm is taken. Default <see cref="ClipScope.Group"/>, as in Keras.</summary>
    public ClipScope ClipScope { get; init; }

    /// <summary>
    /// Whether a step looks at gradients to decide something before it uses them: to skip or refuse those that are not finite, or to clip by a
    /// norm. Their memory must then stay as it is in between, or the decision was about other numbers.
    /// </summary>
    public bool LooksAtGradientsFirst =>
        DynamicLossScale is not null
        || NonFinitePolicy != NonFinitePolicy.Propagate
        || Groups.Any(static group => group.ClipNorm is not null || group.GlobalClipNorm is not null);

    /// <summary>One group: plain Keras.</summary>
    /// <param name="group">Its arguments.</param>
    /// <exception cref="ArgumentNullException"><paramref name="group"/> is null.</exception>
    public static OptimizerOptions Of(AdamOptions group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return new OptimizerOptions { Groups = [group] };
    }

    /// <summary>Whether a variable has a slot under these options.</summary>
    /// <param name="variable">The variable, which has been checked against the options.</param>
    /// <param name="slot">The slot.</param>
    /// <exception cref="ArgumentNullException"><paramref name="variable"/> is null.</exception>
    public bool HasSlot(VariableSpec variable, AdamSlot slot)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return SlotLayout.Contains(this, variable, slot);
    }

    /// <summary>Compares by value, the groups one by one.</summary>
    /// <param name="other">The other options.</param>
    public bool Equals(OptimizerOptions? other) =>
        other is not null
        && DynamicLossScale == other.DynamicLossScale
        && NonFinitePolicy == other.NonFinitePolicy
        && ClipScope == other.ClipScope
        && (Groups.IsDefault || other.Groups.IsDefault ? Groups.IsDefault == other.Groups.IsDefault : Groups.SequenceEqual(other.Groups));

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(DynamicLossScale, NonFinitePolicy, ClipScope, Groups.IsDefault ? -1 : Groups.Length);
}
