using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Steps;

/// <summary>Gradients that are not finite, supplied rates, overrides: what is refused or skipped changes nothing.</summary>
public sealed class PolicyTests
{
    private static readonly VariableSpec[] Variables = [new("a", [3]), new("b", [2])];
    private static readonly float[] Fine = [1, 2, 3];
    private static readonly float[] Bad = [float.NaN, float.NegativeInfinity];

    [Fact]
    public void Apply_Reject_NamesTheTensorAndChangesNothing()
    {
        using AdamOptimizer optimizer = Build(new OptimizerOptions { NonFinitePolicy = NonFinitePolicy.Reject });
        optimizer.Step((0, Fine));
        var before = new Snapshot(optimizer);

        var refusal = Assert.Throws<NonFiniteGradientException>(() => optimizer.Step((0, Fine), (1, Bad)));

        Assert.Equal((1, 2), (refusal.VariableIndex, refusal.Count));
        Assert.Contains("'b'", refusal.Message, StringComparison.Ordinal);
        before.AssertUnchanged(optimizer);
    }

    [Fact]
    public void Apply_Skip_ReportsAndChangesNothing()
    {
        using AdamOptimizer optimizer = Build(new OptimizerOptions { NonFinitePolicy = NonFinitePolicy.Skip });
        optimizer.Step((0, Fine));
        var before = new Snapshot(optimizer);

        StepReport report = optimizer.Step((0, Fine), (1, Bad));

        Assert.Equal((StepOutcome.Skipped, 2, 1, 0), (report.Outcome, report.NonFiniteCount, report.FirstNonFiniteVariable, report.UpdateNorm));
        before.AssertUnchanged(optimizer);
    }

    [Theory]
    [InlineData(NonFinitePolicy.Skip)]
    [InlineData(NonFinitePolicy.Reject)]
    public void Apply_PolicyAndFiniteGradients_GivesTheBitsWithoutIt(NonFinitePolicy policy)
    {
        using AdamOptimizer plain = Build(new OptimizerOptions());
        using AdamOptimizer guarded = Build(new OptimizerOptions { NonFinitePolicy = policy });

        StepReport[] reports = [plain.Step((0, Fine)), guarded.Step((0, Fine))];

        Assert.Equal(reports[0], reports[1]);
        Assert.Equal(plain.Floats(0, AdamSlot.Weights), guarded.Floats(0, AdamSlot.Weights));
    }

    [Fact]
    public void Apply_DynamicScale_GrowsHalvesAndCounts()
    {
        using AdamOptimizer optimizer = Build(new OptimizerOptions { DynamicLossScale = new DynamicLossScale(8, 2) });

        var states = new List<(float, int, long)>();
        foreach (float[] gradient in new[] { Fine, Fine, [1, float.NaN, 3], Fine })
        {
            Assert.Equal(optimizer.CurrentLossScale, optimizer.LossScale!.Scale);
            optimizer.Step((0, gradient));
            states.Add((optimizer.LossScale!.Scale, optimizer.LossScale.StepCounter, optimizer.LossScale.SkippedSteps));
        }

        Assert.Equal([(8f, 1, 0L), (16f, 0, 0L), (8f, 0, 1L), (8f, 1, 1L)], states);
        Assert.Equal(3, optimizer.Groups[0].Iterations);
    }

    [Fact]
    public void Apply_SuppliedRateMissing_NamesTheGroupAndChangesNothing()
    {
        using var optimizer = new AdamOptimizer(
            new OptimizerOptions { Groups = [new AdamOptions(), new AdamOptions { LearningRate = LearningRate.Supplied }] },
            [Variables[0], Variables[1] with { Group = 1 }]);
        var before = new Snapshot(optimizer);

        Assert.Equal(1, Assert.Throws<LearningRateMissingException>(() => optimizer.Step((0, Fine), (1, [1, 2]))).Group);

        before.AssertUnchanged(optimizer);
        Assert.Equal(StepOutcome.Applied, optimizer.Step((0, Fine)).Outcome);
        Assert.Equal(0.5, optimizer.Step([(1, [1f, 2f])], [default, new StepOverrides(LearningRate: 0.5)]).LearningRate);
        Assert.Throws<ArgumentException>(() => optimizer.Step([(1, [1f, 2f])], [default, default, default]));
    }

    [Fact]
    public void Apply_OverridesOfAStep_AreThoseOfOptionsForThatStep()
    {
        using AdamOptimizer overridden = Build(new OptimizerOptions());
        using AdamOptimizer configured = Build(new OptimizerOptions
        {
            Groups = [new AdamOptions { LearningRate = LearningRate.Constant(0.25), Beta1 = 0.5, Beta2 = 0.75 }],
        });

        overridden.Step([(0, Fine)], [new StepOverrides(0.25, 0.5, 0.75)]);
        configured.Step((0, Fine));

        Assert.Equal(configured.Floats(0, AdamSlot.Weights), overridden.Floats(0, AdamSlot.Weights));
        Assert.Equal(0.001f, overridden.Groups[0].CurrentLearningRate);
    }

    [Fact]
    public void Apply_ClipScopeSession_TakesTheNormOverAllGroups()
    {
        AdamOptions clipped = new() { GlobalClipNorm = 1 };
        VariableSpec[] grouped = [Variables[0], Variables[1] with { Group = 1 }];
        using var together = new AdamOptimizer(new OptimizerOptions { Groups = [clipped, clipped], ClipScope = ClipScope.Session }, grouped);
        using var apart = new AdamOptimizer(new OptimizerOptions { Groups = [clipped, clipped] }, grouped);
        using AdamOptimizer one = Build(OptimizerOptions.Of(clipped));
        foreach (AdamOptimizer optimizer in new[] { together, apart, one })
        {
            optimizer.Step((0, Fine), (1, [4, 5]));
        }

        Assert.Equal(one.Floats(0, AdamSlot.FirstMoment), together.Floats(0, AdamSlot.FirstMoment));
        Assert.NotEqual(one.Floats(0, AdamSlot.FirstMoment), apart.Floats(0, AdamSlot.FirstMoment));
    }

    [Fact]
    public void Apply_FrozenAndBuffer_TakeNoGradientAndStayAsTheyAre()
    {
        using var optimizer = new AdamOptimizer(
            new AdamOptions { UseEma = true, EmaOverwriteFrequency = 1 },
            [Variables[0], Variables[1] with { Role = VariableRole.Frozen }, new VariableSpec("c", [1]) { Role = VariableRole.Buffer }]);
        optimizer.Fill(1, AdamSlot.Weights, 2f);
        optimizer.Fill(2, AdamSlot.Weights, 3f);

        optimizer.Step((0, Fine));
        var refusal = Assert.Throws<GradientMismatchException>(() => optimizer.Step((1, [1, 2]), (2, [1])));
        optimizer.FinalizeVariableValues();

        Assert.Equal([0, 1], refusal.Mismatches.Select(mismatch => mismatch.Position));
        Assert.Equal([2f, 2f], optimizer.Floats(1, AdamSlot.Weights));
        Assert.Equal([3f], optimizer.Floats(2, AdamSlot.Weights));
        Assert.False(optimizer.HasSlot(1, AdamSlot.FirstMoment));
    }

    [Fact]
    public void Apply_UpdateNorm_IsThatOfTheChange()
    {
        using AdamOptimizer optimizer = Build(OptimizerOptions.Of(new AdamOptions { WeightDecay = 0.1, LearningRate = LearningRate.Constant(0.5) }));
        optimizer.Write(0, AdamSlot.Weights, [1, 2, 3]);
        float[] before = optimizer.Floats(0, AdamSlot.Weights);

        StepReport report = optimizer.Step((0, Fine));

        double squares = optimizer.Floats(0, AdamSlot.Weights).Zip(before, (after, old) => Math.Pow((double)(after - old), 2)).Sum();
        Assert.Equal(Math.Sqrt(squares), report.UpdateNorm, 1e-6);
    }

    [Fact]
    public void Validate_GroupsThatDisagree_AreNamed()
    {
        var options = new OptimizerOptions
        {
            Groups = [new AdamOptions(), new AdamOptions { GradientAccumulationSteps = 2, LossScaleFactor = 3, Name = "a/b" }],
            DynamicLossScale = new DynamicLossScale(Name: "x/y"),
            NonFinitePolicy = NonFinitePolicy.Reject,
            ClipScope = (ClipScope)9,
        };

        Assert.Equal(
            [
                "groups[1].name", "groups[1].gradient_accumulation_steps", "groups[1].loss_scale_factor", "non_finite_policy",
                "dynamic_loss_scale.name", "clip_scope",
            ],
            OptimizerOptionsValidator.Validate(options).Select(error => error.Field));
        Assert.Equal("groups", Assert.Single(OptimizerOptionsValidator.Validate(new OptimizerOptions { Groups = [] })).Field);
    }

    private static AdamOptimizer Build(OptimizerOptions options) => new(options, Variables);
}
