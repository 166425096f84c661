using Adam.Client.Tests.Support;
using Adam.Engine;

namespace Adam.Client.Tests.Training;

[Collection(ServiceGroup.Name)]
public sealed class StepTests(ServiceFixture service)
{
    [Fact]
    public async Task StepAsync_ThreeBatches_GivesTheEnginesBits()
    {
        await using var session = await OpenAsync(SmallModel.Spec());
        using var engine = SmallModel.Engine();
        var weights = SmallModel.Buffers();

        for (var step = 1; step <= 3; step++)
        {
            var result = await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(step)), SmallModel.Writable(weights));
            var report = SmallModel.Apply(engine, ToEngine(SmallModel.Gradients(step)));

            Assert.Equal(StepOutcome.Applied, result.Outcome);
            Assert.Equal(ReplyKind.Weights, result.Reply);
            Assert.Equal((ulong)step, result.Sequence);
            Assert.Equal(step, result.Iterations);
            Assert.Equal(report.GradientNorm, result.GradientNorm);
            Assert.Equal((float)report.LearningRate, result.LearningRate);
            Bits.AssertEqual(engine, AdamSlot.Weights, weights);
        }

        Assert.Equal(4UL, session.NextSequence);
        Assert.Equal(3UL, session.LastResult?.Sequence);
    }

    [Fact]
    public async Task StepAsync_GradientsOfTheCaller_AreNotChanged()
    {
        await using var session = await OpenAsync(SmallModel.Spec(new AdamSettings { ClipValue = 0.01 }));
        var gradients = SmallModel.Gradients(1);

        await session.StepAsync(SmallModel.ReadOnly(gradients));

        Assert.Equal(SmallModel.Gradients(1), gradients);
    }

    [Fact]
    public async Task StepAsync_SomeTensors_LeavesTheOthersAlone()
    {
        await using var session = await OpenAsync(SmallModel.Spec());
        using var engine = SmallModel.Engine();
        var weights = SmallModel.Buffers();
        var scale = SmallModel.Gradients(1)[1];

        var result = await session.StepAsync([new TensorGradient(1, scale)], SmallModel.Writable(weights));
        SmallModel.Apply(engine, (1, scale));

        Assert.Equal(1, result.Iterations);
        Bits.AssertEqual(engine, AdamSlot.Weights, weights);
        Assert.Equal(SmallModel.Weights()[0], weights[0]);
        Assert.NotEqual(SmallModel.Weights()[1], weights[1]);
    }

    [Fact]
    public async Task StepAsync_GlobalNormInAnotherOrder_FollowsTheOrder()
    {
        var settings = new AdamSettings { GlobalClipNorm = 0.1 };
        await using var session = await OpenAsync(SmallModel.Spec(settings));
        using var engine = SmallModel.Engine(new AdamOptions { GlobalClipNorm = 0.1 });
        var weights = SmallModel.Buffers();
        var gradients = SmallModel.Gradients(1);

        await session.StepAsync([new TensorGradient(1, gradients[1]), new TensorGradient(0, gradients[0])], SmallModel.Writable(weights));
        SmallModel.Apply(engine, (1, gradients[1]), (0, gradients[0]));

        Bits.AssertEqual(engine, AdamSlot.Weights, weights);
    }

    [Fact]
    public async Task StepAsync_Accumulation_TellsMicroStepsFromUpdates()
    {
        await using var session = await OpenAsync(SmallModel.Spec(new OptimizerSettings { GradientAccumulationSteps = 2 }));
        var weights = SmallModel.Buffers();

        var first = await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(1)), SmallModel.Writable(weights));
        Assert.Equal(SmallModel.Weights(), weights);
        var second = await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(2)), SmallModel.Writable(weights));

        Assert.Equal((StepOutcome.Accumulated, 1L, 0L), (first.Outcome, first.Iterations, first.EffectiveIterations));
        Assert.Equal((StepOutcome.Applied, 2L, 1L), (second.Outcome, second.Iterations, second.EffectiveIterations));
        Assert.NotEqual(SmallModel.Weights(), weights);
    }

    [Fact]
    public async Task StepAsync_DeltaXor_TurnsOldBitsIntoNewOnes()
    {
        await using var session = await OpenAsync(SmallModel.Spec(), new OpenOptions { Reply = ReplyKind.DeltaXor });
        using var engine = SmallModel.Engine();
        var delta = SmallModel.Buffers();

        var result = await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(1)), SmallModel.Writable(delta));
        SmallModel.Apply(engine, ToEngine(SmallModel.Gradients(1)));

        Assert.Equal(ReplyKind.DeltaXor, result.Reply);
        var old = SmallModel.Weights();
        for (var i = 0; i < old.Length; i++)
        {
            var changed = Bits.Of(old[i]).Zip(Bits.Of(delta[i]), (bits, change) => bits ^ change).ToArray();
            Assert.Equal(Bits.Of(engine.Slot(i, AdamSlot.Weights).Span<float>()), changed);
        }
    }

    [Fact]
    public async Task StepAsync_EmptyBuffer_LeavesItsTensorOut()
    {
        await using var session = await OpenAsync(SmallModel.Spec());
        using var engine = SmallModel.Engine();
        var scale = new float[1];

        await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(1)), [default, scale, default]);
        SmallModel.Apply(engine, ToEngine(SmallModel.Gradients(1)));

        Assert.Equal(Bits.Of(engine.Slot(1, AdamSlot.Weights).Span<float>()), Bits.Of(scale));
    }

    [Fact]
    public async Task StepAsync_TensorOfManyChunks_GivesTheEnginesBits()
    {
        const int Elements = (1 << 20) + 3;
        var (initial, gradient) = (new float[Elements], new float[Elements]);
        for (var i = 0; i < Elements; i++)
        {
            (initial[i], gradient[i]) = (i * 1e-3f, 1f / (i + 1));
        }

        await using var session = await OpenAsync(new SessionSpec
        {
            Tensors = [new TensorSpec("large", [Elements])],
            InitialWeights = [initial],
        });
        using var engine = new AdamOptimizer(new AdamOptions(), [new VariableSpec("large", [Elements])]);
        initial.CopyTo(engine.Slot(0, AdamSlot.Weights).Span<float>());
        var weights = new float[Elements];

        await session.StepAsync([gradient], [weights]);
        SmallModel.Apply(engine, (0, gradient));

        Assert.True(session.MaxChunkBytes < Elements * sizeof(float));
        Assert.True(Bits.Of(engine.Slot(0, AdamSlot.Weights).Span<float>()).AsSpan().SequenceEqual(Bits.Of(weights)));
    }

    private async Task<OptimizerSession> OpenAsync(SessionSpec spec, OpenOptions? options = null)
    {
        var session = await service.Client.CreateSessionAsync(spec);
        return await service.Client.OpenSessionAsync(session.Reference, options);
    }

    private static (int Tensor, float[] Values)[] ToEngine(float[][] gradients) =>
        [.. gradients.Select((gradient, index) => (index, gradient))];
}
