namespace Adam.Engine.Tests.Support;

/// <summary>Everything an optimizer holds at a moment, to show that a refused call changed nothing.</summary>
internal sealed class Snapshot
{
    private readonly AdamOptions _options;
    private readonly long _iterations;
    private readonly List<(int Variable, AdamSlot Slot, float[] Values)> _slots = [];

    public Snapshot(AdamOptimizer optimizer)
    {
        _options = optimizer.Options;
        _iterations = optimizer.Iterations;
        foreach (AdamSlot slot in Enum.GetValues<AdamSlot>().Where(optimizer.HasSlot))
        {
            for (int i = 0; i < optimizer.Variables.Length; i++)
            {
                _slots.Add((i, slot, optimizer.Slot(i, slot).ToArray()));
            }
        }
    }

    public void AssertUnchanged(AdamOptimizer optimizer)
    {
        Assert.Equal(_options, optimizer.Options);
        Assert.Equal(_iterations, optimizer.Iterations);
        foreach ((int variable, AdamSlot slot, float[] values) in _slots)
        {
            Bits.AssertSame(values, optimizer.Slot(variable, slot), $"{slot} of variable {variable}");
        }
    }
}
