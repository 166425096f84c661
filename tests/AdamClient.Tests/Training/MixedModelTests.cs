using Adam.Client.Tests.Support;
using Adam.Engine;

namespace Adam.Client.Tests.Training;

/// <summary>Groups, element types, roles, constraints, loss scales and overrides through the SDK, beside the engine.</summary>
[Collection(ServiceGroup.Name)]
public sealed class MixedModelTests(ServiceFixture service)
{
    private static readonly AdamSettings First = new() { LearningRate = 0.01, WeightDecay = 0.01, AmsGrad = true };
    private static readonly AdamSettings Second = new() { LearningRate = 0.1, Beta1 = 0.5, UseEma = true };
    private static readonly AdamOptions FirstOptions = new() { LearningRate = Adam.Engine.LearningRate.Constant(0.01), WeightDecay = 0.01, AmsGrad = true };
    private static readonly AdamOptions SecondOptions = new() { LearningRate = Adam.Engine.LearningRate.Constant(0.1), Beta1 = 0.5, UseEma = true };

    [Fact]
    public async Task StepAsync_TwoGroupsOfMixedTypes_GivesTheEnginesBits()
    {
        var created = await service.Client.CreateSessionAsync(MixedModel.Spec(new OptimizerSettings
        {
            Groups = [First, Second],
            LossScale = new StaticLossScale(4),
            ClipScope = ClipScope.Session,
        }));
        await using var session = await service.Client.OpenSessionAsync(created.Reference);
        using var engine = MixedModel.Engine(new OptimizerOptions
        {
            Groups = [FirstOptions with { LossScaleFactor = 4 }, SecondOptions with { LossScaleFactor = 4 }],
            ClipScope = Adam.Engine.ClipScope.Session,
        });
        var weights = MixedModel.Weights();

        Assert.Equal([0, 1, 4], session.TrainableTensors);
        Assert.Equal(MixedModel.Tensors[MixedModel.Half16] with { GradientDType = TensorDType.Float16 }, session.Tensors[MixedModel.Half16]);
        for (var step = 1; step <= 3; step++)
        {
            var gradients = MixedModel.Gradients(step);
            var result = await session.StepAsync([.. gradients.Select(MixedModel.Sent)], [.. weights.Select(MixedModel.Room)]);
            var report = MixedModel.Apply(engine, gradients);

            Assert.Equal(report.UpdateNorm, result.UpdateNorm);
            Assert.Equal([new GroupStatus(step, step, 0.01f), new GroupStatus(step, step, 0.1f)], result.Groups);
            for (var index = 0; index < weights.Length; index++)
            {
                MixedModel.AssertEqual(engine, AdamSlot.Weights, index, weights[index]);
            }
        }

        // Every slot of those tensors that have it; the others are left out.
        var read = await service.Client.ReadTensorsAsync(
            created.Reference, new ReadOptions { Slots = [TensorSlot.FirstMoment, TensorSlot.MaxSecondMoment, TensorSlot.Average] });
        MixedModel.AssertEqual(engine, AdamSlot.FirstMoment, MixedModel.Half16, read.Float16(MixedModel.Half16, TensorSlot.FirstMoment));
        MixedModel.AssertEqual(engine, AdamSlot.MaxSecondMoment, MixedModel.Kernel, read[MixedModel.Kernel, TensorSlot.MaxSecondMoment]);
        MixedModel.AssertEqual(engine, AdamSlot.Average, MixedModel.Bias, read[MixedModel.Bias, TensorSlot.Average]);
        Assert.Equal(
            Array.ConvertAll(read.Float16(MixedModel.Half16, TensorSlot.FirstMoment), value => (float)value),
            read[MixedModel.Half16, TensorSlot.FirstMoment]);
        Assert.Throws<KeyNotFoundException>(() => read[MixedModel.Frozen, TensorSlot.FirstMoment]);
        Assert.Throws<KeyNotFoundException>(() => read[MixedModel.Bias, TensorSlot.MaxSecondMoment]);
        Assert.Throws<InvalidOperationException>(() => read.Float16(MixedModel.Kernel, TensorSlot.FirstMoment));

        float[] kernelMoment = new float[20], biasMoment = new float[5];
        var halfMoment = new Half[19];
        await service.Client.ReadTensorsAsync(
            created.Reference, [kernelMoment, halfMoment, default, default, biasMoment], TensorSlot.FirstMoment);
        MixedModel.AssertEqual(engine, AdamSlot.FirstMoment, MixedModel.Half16, halfMoment);
        MixedModel.AssertEqual(engine, AdamSlot.FirstMoment, MixedModel.Bias, biasMoment);
    }

    [Fact]
    public async Task StepAsync_WhatDoesNotFit_IsRefusedBeforeItIsSent()
    {
        var created = await service.Client.CreateSessionAsync(MixedModel.Spec(new OptimizerSettings { Groups = [First, Second] }));
        await using var session = await service.Client.OpenSessionAsync(created.Reference);
        var gradients = MixedModel.Gradients(1).Select(MixedModel.Sent).ToArray();

        var frozen = await Assert.ThrowsAsync<ArgumentException>(
            () => session.StepAsync([new TensorGradient(MixedModel.Frozen, new float[3])]));
        var type = await Assert.ThrowsAsync<ArgumentException>(
            () => session.StepAsync(gradients, [new float[20], new float[19], default, default, new float[5]]));
        await Assert.ThrowsAsync<ArgumentException>(() => session.StepAsync([.. gradients, new float[3]]));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => session.StepAsync(
            gradients, options: new StepOptions { GroupOverrides = new Dictionary<int, StepOverrides> { [-1] = new(0.1) } }));
        await Assert.ThrowsAsync<ArgumentException>(
            () => service.Client.WriteTensorsAsync(created.Reference, [new TensorWrite(MixedModel.Half16, new float[19])]));
        await Assert.ThrowsAsync<ArgumentException>(
            () => service.Client.ReadTensorsAsync(created.Reference, [new float[20], new Half[19], new float[3], default, new float[5]], TensorSlot.FirstMoment));

        Assert.Contains("'frozen'", frozen.Message, StringComparison.Ordinal);
        Assert.Contains("Float16", type.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await session.StepAsync(gradients)).Iterations);
    }

    [Fact]
    public async Task StepAsync_BFloat16Gradient_IsReadAsTheUpperHalves()
    {
        var spec = new SessionSpec { Tensors = [new TensorSpec("w", [3])], InitialWeights = [new float[] { 1, 2, 3 }] };
        await using var narrow = await OpenAsync(spec);
        await using var wide = await OpenAsync(spec);
        float[] gradient = [0.5f, -1.25f, 3];
        ushort[] bits = Array.ConvertAll(gradient, value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16));
        float[] narrowWeights = new float[3], wideWeights = new float[3];

        var fromBits = await narrow.StepAsync([ReadOnlyTensorMemory.BFloat16(bits)], [narrowWeights]);
        var fromFloats = await wide.StepAsync([gradient], [wideWeights]);

        // The first step of Adam hardly depends on the size of a gradient; its norm does.
        Assert.Equal(fromFloats.GradientNorm, fromBits.GradientNorm);
        Assert.Equal(Bits.Of(wideWeights), Bits.Of(narrowWeights));
    }

    [Fact]
    public async Task StepAsync_DynamicLossScale_FollowsKeras()
    {
        var spec = new SessionSpec
        {
            Optimizer = new OptimizerSettings { LossScale = new DynamicLossScale(InitialScale: 8, GrowthSteps: 2) },
            Tensors = [new TensorSpec("w", [2])],
            InitialWeights = [new float[2]],
        };
        var created = await service.Client.CreateSessionAsync(spec);
        await using var session = await service.Client.OpenSessionAsync(created.Reference);
        Assert.Equal(8, session.LossScale);

        var skipped = await session.StepAsync([new[] { float.NaN, 1 }]);
        Assert.Equal((StepOutcome.Skipped, 1UL, 4.0, 4.0), (skipped.Outcome, skipped.NonFiniteCount, skipped.LossScale, session.LossScale));

        var stale = await session.StepAsync([new float[] { 1, 1 }], options: new StepOptions { LossScaleUsed = 8 });
        Assert.Equal((StepOutcome.StaleLossScale, 2UL, 4.0), (stale.Outcome, session.NextSequence, session.LossScale));

        for (var step = 0; step < 2; step++)
        {
            await session.StepAsync([new float[] { 1, 1 }], options: new StepOptions { LossScaleUsed = session.LossScale });
        }

        Assert.Equal(8, session.LossScale);
        var info = await service.Client.GetSessionAsync(created.Reference);
        Assert.Equal(new LossScaleStatus(8, 0, 1), info.LossScale);
        Assert.Equal(new DynamicLossScale(8, 2, "loss_scale_optimizer"), info.Optimizer.LossScale);
    }

    [Fact]
    public async Task StepAsync_PolicyReject_ThrowsAndKeepsTheSessionOpen()
    {
        await using var session = await OpenAsync(new SessionSpec
        {
            Optimizer = new OptimizerSettings { NonFinitePolicy = NonFinitePolicy.Reject },
            Tensors = [new TensorSpec("w", [2])],
            InitialWeights = [new float[2]],
        });

        var refused = await Assert.ThrowsAsync<AdamException>(() => session.StepAsync([new[] { float.PositiveInfinity, 1 }]));

        Assert.Equal(AdamErrorReason.NonFiniteGradient, refused.Reason);
        Assert.Equal((true, 1UL), (session.IsOpen, session.NextSequence));
    }

    [Fact]
    public async Task StepAsync_SuppliedRates_AreThoseOfTheStep()
    {
        var supplied = First with { LearningRate = new SuppliedLearningRate() };
        var created = await service.Client.CreateSessionAsync(MixedModel.Spec(new OptimizerSettings { Groups = [supplied, Second] }));
        await using var session = await service.Client.OpenSessionAsync(created.Reference);
        using var engine = MixedModel.Engine(new OptimizerOptions { Groups = [FirstOptions, SecondOptions] });
        var gradients = MixedModel.Gradients(1);
        var sent = gradients.Select(MixedModel.Sent).ToArray();
        var weights = MixedModel.Weights();

        var missing = await Assert.ThrowsAsync<AdamException>(() => session.StepAsync(sent));
        Assert.Equal(AdamErrorReason.LearningRateMissing, missing.Reason);

        var result = await session.StepAsync(sent, [.. weights.Select(MixedModel.Room)], new StepOptions
        {
            Overrides = new StepOverrides(LearningRate: 0.25, Beta1: 0.75),
            GroupOverrides = new Dictionary<int, StepOverrides> { [1] = new(LearningRate: 0.5, Beta2: 0.875) },
        });
        MixedModel.Apply(engine, gradients, new(0.25, 0.75), new(0.5, 0.75, 0.875));

        Assert.Equal(0.25f, result.LearningRate);
        Assert.True(float.IsNaN(result.NextLearningRate));
        for (var index = 0; index < weights.Length; index++)
        {
            MixedModel.AssertEqual(engine, AdamSlot.Weights, index, weights[index]);
        }
    }

    [Fact]
    public async Task WriteTensorsAsync_CountersAndLossScale_GoOnFromThere()
    {
        var created = await service.Client.CreateSessionAsync(
            MixedModel.Spec(new OptimizerSettings { Groups = [First, Second], LossScale = new DynamicLossScale() }));

        await service.Client.WriteTensorsAsync(
            created.Reference,
            [new TensorWrite(MixedModel.Half16, new Half[19], TensorSlot.SecondMoment)],
            new WriteOptions
            {
                Iterations = 5,
                GroupIterations = new Dictionary<int, long> { [1] = 7 },
                LossScale = new LossScaleStatus(16, 3, 2),
            });

        var info = await service.Client.GetSessionAsync(created.Reference);
        Assert.Equal([5, 7], info.Groups.Select(group => group.Iterations));
        Assert.Equal(new LossScaleStatus(16, 3, 2), info.LossScale);
        await Assert.ThrowsAsync<ArgumentException>(() => service.Client.WriteTensorsAsync(
            created.Reference, [], new WriteOptions { GroupIterations = new Dictionary<int, long> { [2] = 1 } }));
    }

    [Fact]
    public async Task UpdateLearningRateAsync_OfAGroup_LeavesTheOthers()
    {
        var created = await service.Client.CreateSessionAsync(MixedModel.Spec(new OptimizerSettings { Groups = [First, Second] }));

        var updated = await service.Client.UpdateLearningRateAsync(created.Reference, 0.5, group: 1);

        Assert.Equal([0.01f, 0.5f], updated.Groups.Select(group => group.LearningRate));
        Assert.Null(updated.KerasConfigJson);
    }

    [Fact]
    public async Task CreateSessionAsync_KerasJson_IsReadAndGivenBack()
    {
        const string Json = """
            {"module": "keras.optimizers", "class_name": "AdamW",
             "config": {"name": "adamw", "learning_rate": 0.02, "weight_decay": 0.5, "beta_1": 0.8}}
            """;
        var created = await service.Client.CreateSessionAsync(new SessionSpec
        {
            Optimizer = new OptimizerSettings { KerasConfigJson = Json },
            Tensors = [new TensorSpec("w", [2])],
            InitialWeights = [new float[2]],
        });

        var group = Assert.Single(created.Optimizer.Groups);
        Assert.Equal((0.02, 0.5, 0.8), (((ConstantLearningRate)group.LearningRate!).Value, group.WeightDecay, group.Beta1));
        var again = await service.Client.CreateSessionAsync(new SessionSpec
        {
            Optimizer = new OptimizerSettings { KerasConfigJson = created.KerasConfigJson },
            Tensors = [new TensorSpec("w", [2])],
        });
        Assert.Equal(created.KerasConfigJson, again.KerasConfigJson);
    }

    private async Task<OptimizerSession> OpenAsync(SessionSpec spec) =>
        await service.Client.OpenSessionAsync((await service.Client.CreateSessionAsync(spec)).Reference);
}
