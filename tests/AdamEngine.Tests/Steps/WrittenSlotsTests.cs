using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Steps;

/// <summary>What a step says it has written, against what has changed.</summary>
public sealed class WrittenSlotsTests
{
    private static readonly AdamSlot[] Slots = Enum.GetValues<AdamSlot>();

    public static TheoryData<string, AdamOptions, OptimizerOptions> Configurations => new()
    {
        { "plain", new AdamOptions(), new OptimizerOptions() },
        { "amsgrad", new AdamOptions { AmsGrad = true }, new OptimizerOptions() },
        { "average", new AdamOptions { UseEma = true, EmaMomentum = 0.5 }, new OptimizerOptions() },
        { "overwriting", new AdamOptions { UseEma = true, EmaMomentum = 0.5, EmaOverwriteFrequency = 2 }, new OptimizerOptions() },
        { "accumulating", new AdamOptions { GradientAccumulationSteps = 2 }, new OptimizerOptions() },
    };

    [Theory]
    [MemberData(nameof(Configurations))]
    public void HasWritten_EveryStep_NamesWhatHasChanged(string name, AdamOptions options, OptimizerOptions whole)
    {
        Assert.NotEmpty(name);
        using var optimizer = new AdamOptimizer(
            whole with { Groups = [options, new AdamOptions { GradientAccumulationSteps = options.GradientAccumulationSteps }] },
            [
                new VariableSpec("a", [3]),
                new VariableSpec("b", [2]),
                new VariableSpec("frozen", [2]) { Role = VariableRole.Frozen },
                new VariableSpec("other", [2]) { Group = 1 },
            ]);
        for (int variable = 0; variable < 4; variable++)
        {
            optimizer.Fill(variable, AdamSlot.Weights, 1);
        }

        for (int step = 1; step <= 5; step++)
        {
            List<(int Variable, float[] Values)> gradients = [(0, [step, 2, 3])];
            if (step is 3 or 4)
            {
                gradients.Add((3, [step, -1]));
            }

            // A variable without a gradient whose weights are not their average: what overwrites them shows.
            optimizer.Fill(1, AdamSlot.Weights, step);
            var before = Values(optimizer);
            optimizer.Step(gradients);
            var after = Values(optimizer);

            foreach (var (key, values) in after)
            {
                bool hasChanged = !values.SequenceEqual(before[key]);
                if (hasChanged)
                {
                    Assert.True(optimizer.HasWritten(key.Variable, key.Slot), $"{key} changed in step {step}.");
                }
                else if (optimizer.HasWritten(key.Variable, key.Slot))
                {
                    // Written with the same values: an accumulator that is emptied, or an average that stays where its weights are.
                    Assert.True(key.Slot is AdamSlot.Accumulator or AdamSlot.Average, $"{key} in step {step}.");
                }
            }
        }
    }

    [Fact]
    public void HasWritten_ConstraintOnAMicroStep_IsAWrite()
    {
        using var optimizer = new AdamOptimizer(
            new AdamOptions { GradientAccumulationSteps = 2 },
            [
                new VariableSpec("plain", [2]),
                new VariableSpec("positive", [2]) { Constraint = new NonNegConstraint() },
                new VariableSpec("limited", [2]) { Constraint = new MaxNormConstraint() },
            ]);

        optimizer.Step((0, [1, 1]), (1, [1, 1]), (2, [1, 1]));

        Assert.Equal([false, true, true], Enumerable.Range(0, 3).Select(variable => optimizer.HasWritten(variable, AdamSlot.Weights)));
        Assert.All(Enumerable.Range(0, 3), variable => Assert.True(optimizer.HasWritten(variable, AdamSlot.Accumulator)));
        Assert.False(optimizer.HasWritten(0, AdamSlot.FirstMoment));
    }

    private static Dictionary<(int Variable, AdamSlot Slot), float[]> Values(AdamOptimizer optimizer) => Slots
        .SelectMany(slot => Enumerable.Range(0, optimizer.Variables.Length).Select(variable => (variable, slot)))
        .Where(key => optimizer.HasSlot(key.variable, key.slot))
        .ToDictionary(key => key, key => optimizer.Floats(key.variable, key.slot));
}
