namespace Adam.Engine.State;

/// <summary>The numbers of an optimizer: one array per variable and slot, allocated exactly as the configuration needs.</summary>
internal sealed class SlotStore
{
    private readonly float[]?[][] _arrays;

    public SlotStore(AdamOptions options, IReadOnlyList<VariableSpec> variables)
    {
        _arrays = [.. Enum.GetValues<AdamSlot>().Select(slot => Allocate(options, variables, slot))];
    }

    /// <summary>The array of a slot that the caller knows to exist.</summary>
    public Span<float> this[int variableIndex, AdamSlot slot] => _arrays[(int)slot][variableIndex];

    private static float[]?[] Allocate(AdamOptions options, IReadOnlyList<VariableSpec> variables, AdamSlot slot) =>
        SlotLayout.Contains(options, slot)
            ? [.. variables.Select(variable => new float[variable.ElementCount])]
            : new float[]?[variables.Count];
}
