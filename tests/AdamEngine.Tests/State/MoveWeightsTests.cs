
namespace Adam.Engine.Tests.State;

/// <summary>Weights in memory of the caller: the same numbers, in the other place.</summary>
public sealed class MoveWeightsTests
{
    private static readonly VariableSpec[] Variables =
    [
        new("a", [40_000]),
        new("b", [6, 5]) { Constraint = new MaxNormConstraint(0.3, 0) },
        new("c", [7]) { DType = TensorDType.Float16 },
        new("d", [3]) { Role = VariableRole.Frozen },
        new("e", [2, 0]),
    ];

    [Fact]
    public void Apply_AfterTheWeightsHaveMoved_HasTheSameBits()
    {
        var options = new AdamOptions { UseEma = true, EmaOverwriteFrequency = 2, LearningRate = LearningRate.Constant(0.05) };
        using var threads = new StepThreads(2);
        using var stays = new AdamOptimizer(options, Variables, threads);
        using var moves = new AdamOptimizer(options, Variables, threads);
        List<TensorBuffer> memory = [.. Variables.Select(variable => new TensorBuffer(variable.DType, variable.ElementCount))];
        for (var index = 0; index < Variables.Length; index++)
        {
            Fill(stays.Slot(index, AdamSlot.Weights), index);
            Fill(moves.Slot(index, AdamSlot.Weights), index);
        }

        for (var step = 0; step < 5; step++)
        {
            if (step == 2)
            {
                moves.MoveWeights([.. memory.Select(buffer => buffer.View)]);
            }

            Step(stays, step);
            Step(moves, step);
        }

        stays.FinalizeVariableValues();
        moves.FinalizeVariableValues();
        for (var index = 0; index < Variables.Length; index++)
        {
            Assert.Equal(memory[index].View, moves.Slot(index, AdamSlot.Weights));
            Assert.Equal(Bytes(stays.Slot(index, AdamSlot.Weights)), Bytes(memory[index].View));
        }

        memory.ForEach(buffer => buffer.Dispose());
    }

    [Fact]
    public void MoveWeights_LargeModel_GivesThePagesBackAndLeavesTheOtherSlots()
    {
        const int Count = 1 << 20;
        using var optimizer = new AdamOptimizer(new AdamOptions(), [new VariableSpec("a", [Count])]);
        using var memory = new TensorBuffer(TensorDType.Float32, Count);
        var (left, moment) = (optimizer.Slot(0, AdamSlot.Weights), optimizer.Slot(0, AdamSlot.FirstMoment));
        left.Span<float>().Fill(1);
        moment.Span<float>().Fill(2);

        optimizer.MoveWeights([memory.View]);

        // A page that was given back reads as zeros.
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(0f, left.Span<float>()[Count / 2]);
        }

        Assert.Equal(-1, memory.View.Span<float>().IndexOfAnyExcept(1f));
        Assert.Equal(-1, moment.Span<float>().IndexOfAnyExcept(2f));
    }

    [Fact]
    public void MoveWeights_MemoryThatDoesNotFit_MovesNothing()
    {
        using var optimizer = new AdamOptimizer(new AdamOptions(), [new VariableSpec("a", [3]), new VariableSpec("b", [2])]);
        using var three = new TensorBuffer(TensorDType.Float32, 3);
        using var halves = new TensorBuffer(TensorDType.Float16, 2);
        var before = optimizer.Slot(0, AdamSlot.Weights);

        var missing = Assert.Throws<ArgumentException>(() => optimizer.MoveWeights([three.View]));
        var other = Assert.Throws<ArgumentException>(() => optimizer.MoveWeights([three.View, halves.View]));

        Assert.Contains("1 arrays for 2 variables", missing.Message, StringComparison.Ordinal);
        Assert.Contains("variable 1 ('b') has 2 of Float32", other.Message, StringComparison.Ordinal);
        Assert.Equal(before, optimizer.Slot(0, AdamSlot.Weights));
    }

    [Fact]
    public void LooksAtGradientsFirst_OnlyWhereAValueDecides_IsTrue()
    {
        Assert.False(OptimizerOptions.Of(new AdamOptions { ClipValue = 1, LossScaleFactor = 2 }).LooksAtGradientsFirst);
        Assert.True(OptimizerOptions.Of(new AdamOptions { ClipNorm = 1 }).LooksAtGradientsFirst);
        Assert.True(OptimizerOptions.Of(new AdamOptions { GlobalClipNorm = 1 }).LooksAtGradientsFirst);
        Assert.True((new OptimizerOptions { NonFinitePolicy = NonFinitePolicy.Skip }).LooksAtGradientsFirst);
        Assert.True((new OptimizerOptions { NonFinitePolicy = NonFinitePolicy.Reject }).LooksAtGradientsFirst);
        Assert.True((new OptimizerOptions { DynamicLossScale = new DynamicLossScale() }).LooksAtGradientsFirst);
    }

    private static void Step(AdamOptimizer optimizer, int step)
    {
        List<(int Index, TensorBuffer Memory)> gradients = [];
        for (var index = 0; index < Variables.Length; index++)
        {
            if (Variables[index].Role == VariableRole.Trainable)
            {
                gradients.Add((index, new TensorBuffer(Variables[index].DType, Variables[index].ElementCount)));
                Fill(gradients[^1].Memory.View, 100 * (step + 1) + index);
            }
        }

        optimizer.Apply([.. gradients.Select(gradient => new Gradient(gradient.Index, gradient.Memory.View))]);
        gradients.ForEach(gradient => gradient.Memory.Dispose());
    }

    private static void Fill(TensorView view, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < view.ElementCount; i++)
        {
            if (view.DType == TensorDType.Float32)
            {
                view.Span<float>()[i] = random.NextSingle() - 0.5f;
            }
            else
            {
                view.Span<Half>()[i] = (Half)(random.NextSingle() - 0.5f);
            }
        }
    }

    private static byte[] Bytes(TensorView view) => view.Bytes(0, (int)view.ElementCount).ToArray();
}
