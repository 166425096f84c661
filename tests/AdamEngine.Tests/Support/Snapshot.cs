namespace Adam.Engine.Tests.Support;

/// <summary>Everything an optimizer holds at a moment, to show that a refused call changed nothing.</summary>
internal sealed class Snapshot
{
    private readonly OptimizerOptions _options;
    private readonly List<long> _iterations;
    private readonly (float, int, long)? _lossScale;
    private readonly List<(int Variable, AdamSlot Slot, float[] Values)> _slots = [];

    public Snapshot(AdamOptimizer optimizer)
    {
        _options = optimizer.Options;
        _iterations = Iterations(optimizer);
        _lossScale = LossScale(optimizer);
        for (int i = 0; i < optimizer.Variables.Length; i++)
        {
            foreach (AdamSlot slot in Enum.GetValues<AdamSlot>().Where(slot => optimizer.HasSlot(i, slot)))
            {
                _slots.Add((i, slot, optimizer.Floats(i, slot)));
            }
        }
    }

    public void AssertUnchanged(AdamOptimizer optimizer)
    {
        Assert.Equal(_options, optimizer.Options);
        Assert.Equal(_iterations, Iterations(optimizer));
        Assert.Equal(_lossScale, LossScale(optimizer));
        AssertSlotsUnchanged(optimizer, _ => true);
    }

    /// <summary>Only the variables for which it holds.</summary>
    public void AssertSlotsUnchanged(AdamOptimizer optimizer, Func<int, bool> variables)
    {
        foreach ((int variable, AdamSlot slot, float[] values) in _slots.Where(entry => variables(entry.Variable)))
        {
            Bits.AssertSame(values, optimizer.Floats(variable, slot), $"{slot} of variable {variable}");
        }
    }

    private static List<long> Iterations(AdamOptimizer optimizer) => [.. optimizer.Groups.Select(group => group.Iterations)];

    private static (float, int, long)? LossScale(AdamOptimizer optimizer) =>
        optimizer.LossScale is { } state ? (state.Scale, state.StepCounter, state.SkippedSteps) : null;
}
