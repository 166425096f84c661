using System.Collections.Immutable;
using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Steps;

/// <summary>What a step takes from the machine's mathematical library can be kept and given back.</summary>
public sealed class RecordedScalarsTests
{
    private static readonly ImmutableArray<VariableSpec> Variables =
        [new("a", [5]), new("b", [3]) { DType = TensorDType.Float16 }, new("c", [4]) { Group = 1 }];

    private static OptimizerOptions Options => new()
    {
        Groups =
        [
            new AdamOptions { LearningRate = LearningRate.Scheduled(new CosineDecay(0.01, 100)) },
            new AdamOptions { LearningRate = LearningRate.Supplied },
        ],
    };

    [Fact]
    public void Apply_WithTheScalarsOfThisMachine_GivesTheSameBits()
    {
        using AdamOptimizer plain = new(Options, Variables), recorded = new(Options, Variables);
        for (int step = 0; step < 20; step++)
        {
            using var set = new Gradients(step);
            ImmutableArray<GroupScalars> scalars = recorded.Scalars(set.All, set.Overrides);
            Assert.Equal(2, scalars.Length);
            plain.Apply(set.All, set.Overrides);
            recorded.Apply(set.All, set.Overrides, scalars.AsSpan());
        }

        AssertSame(plain, recorded);
    }

    [Fact]
    public void Apply_WithScalarsOfAnotherMachine_UsesThem()
    {
        using AdamOptimizer there = new(Options, Variables), here = new(Options, Variables);
        using var set = new Gradients(0);
        ImmutableArray<GroupScalars> scalars = [.. here.Scalars(set.All, set.Overrides).Select(own => own with
        {
            LearningRate = own.LearningRate * 2,
            Float32Powers = new BetaPowers(MathF.BitIncrement(own.Float32Powers.Beta1), own.Float32Powers.Beta2),
        })];
        here.Apply(set.All, set.Overrides);
        there.Apply(set.All, set.Overrides, scalars.AsSpan());

        Assert.NotEqual(here.Floats(0, AdamSlot.Weights), there.Floats(0, AdamSlot.Weights));
        Assert.Equal(scalars[0].LearningRate, there.Apply(set.All, set.Overrides, scalars.AsSpan()).LearningRate);
    }

    [Fact]
    public void Scalars_OfSomeGroups_NamesThoseAlone_AndChangesNothing()
    {
        using var optimizer = new AdamOptimizer(Options, Variables);
        using var set = new Gradients(0);

        GroupScalars one = Assert.Single(optimizer.Scalars(set.All.AsSpan(2, 1), set.Overrides));

        Assert.Equal(1, one.Group);
        Assert.Equal(0.5, one.LearningRate);
        Assert.Equal(MathF.Pow(0.9f, 1), one.Float32Powers.Beta1);
        Assert.All(optimizer.Groups, group => Assert.Equal(0, group.Iterations));
        Assert.Throws<LearningRateMissingException>(() => optimizer.Scalars(set.All));
    }

    private static void AssertSame(AdamOptimizer expected, AdamOptimizer actual)
    {
        for (int index = 0; index < Variables.Length; index++)
        {
            foreach (AdamSlot slot in new[] { AdamSlot.Weights, AdamSlot.FirstMoment, AdamSlot.SecondMoment })
            {
                TensorView left = expected.Slot(index, slot), right = actual.Slot(index, slot);
                Assert.Equal(left.Bytes(0, (int)left.ElementCount).ToArray(), right.Bytes(0, (int)right.ElementCount).ToArray());
            }
        }
    }

    private sealed class Gradients : IDisposable
    {
        private readonly TensorBuffer[] _buffers;

        public Gradients(int step)
        {
            float[] values = [0.5f + step, -1, 2, 0.25f, 3];
            _buffers = [TensorBuffer.Of(values), TensorBuffer.Of(values.AsSpan(0, 3)), TensorBuffer.Of(values.AsSpan(0, 4))];
            All = [.. _buffers.Select((buffer, index) => new Gradient(index, buffer.View))];
        }

        public Gradient[] All { get; }

        public StepOverrides[] Overrides { get; } = [default, new StepOverrides(LearningRate: 0.5)];

        public void Dispose()
        {
            foreach (TensorBuffer buffer in _buffers)
            {
                buffer.Dispose();
            }
        }
    }
}
