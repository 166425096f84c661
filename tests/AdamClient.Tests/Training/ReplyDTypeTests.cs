using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Training;

/// <summary>Replies and reads in a shorter type, and of what has changed.</summary>
[Collection(ServiceGroup.Name)]
public sealed class ReplyDTypeTests(ServiceFixture service)
{
    [Fact]
    public async Task Step_ReplyAsBFloat16_IsWidenedIntoFloatsOrComesAsItsBits()
    {
        var (created, exact) = await TrainedAsync();
        await using var session = await service.Client.OpenSessionAsync(created.Reference, new OpenOptions { ReplyDType = TensorDType.BFloat16 });
        var (floats, bits) = (SmallModel.Buffers(), new ushort[15]);

        var result = await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(1)), [TensorMemory.BFloat16(bits), floats[1], floats[2]]);

        Assert.Equal([0, 1], result.ReceivedTensors);
        Assert.Equal(exact[0].Select(ToBFloat16), bits);
        Assert.Equal(exact[1].Select(ToBFloat16), floats[1].Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)));
        Assert.Equal(0u, BitConverter.SingleToUInt32Bits(floats[1][0]) & 0xFFFF);
    }

    [Fact]
    public async Task Step_ReplyAsFloat16_FillsHalvesAndFloats()
    {
        var (created, exact) = await TrainedAsync();
        await using var session = await service.Client.OpenSessionAsync(created.Reference);
        var (floats, halves) = (SmallModel.Buffers(), new Half[15]);

        await session.StepAsync(
            SmallModel.ReadOnly(SmallModel.Gradients(1)), [halves, floats[1], floats[2]], new StepOptions { ReplyDType = TensorDType.Float16 });

        Assert.Equal(exact[0].Select(value => (Half)value), halves);
        Assert.Equal(exact[1].Select(value => (float)(Half)value), floats[1]);
    }

    [Fact]
    public async Task Step_BuffersOfATypeThatCannotTakeTheReply_AreRefusedHere()
    {
        var (created, _) = await TrainedAsync();
        await using var session = await service.Client.OpenSessionAsync(created.Reference);
        var gradients = SmallModel.ReadOnly(SmallModel.Gradients(1));
        var floats = SmallModel.Buffers();

        var halves = await Assert.ThrowsAsync<ArgumentException>(() => session.StepAsync(
            gradients, [new Half[15], floats[1], floats[2]], new StepOptions { ReplyDType = TensorDType.BFloat16 }));
        var ownType = await Assert.ThrowsAsync<ArgumentException>(() => session.StepAsync(gradients, [new Half[15], floats[1], floats[2]]));
        var bits = await Assert.ThrowsAsync<ArgumentException>(() => session.StepAsync(
            gradients, SmallModel.Writable(floats), new StepOptions { Reply = ReplyKind.DeltaXor, ReplyDType = TensorDType.Float16 }));

        Assert.Contains(
            "Tensor 0 ('dense/kernel') is asked for as BFloat16, its buffer came as Float16: pass BFloat16 or Float32.", halves.Message, StringComparison.Ordinal);
        Assert.Contains("Tensor 0 ('dense/kernel') is Float32, its buffer came as Float16", ownType.Message, StringComparison.Ordinal);
        Assert.Contains("a reply of kind DeltaXor carries its bits and cannot come as Float16", bits.Message, StringComparison.Ordinal);
        Assert.Equal(1ul, session.NextSequence);
    }

    [Fact]
    public async Task Step_ChangedSince_LeavesTheOtherBuffersAsTheyAre()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());
        await using var session = await service.Client.OpenSessionAsync(created.Reference);
        var weights = SmallModel.Buffers();
        weights[0][0] = 5;

        var one = await session.StepAsync(
            [new TensorGradient(1, SmallModel.Gradients(1)[1])], SmallModel.Writable(weights), new StepOptions { ReplyChangedSince = created.Version });
        var ahead = await Assert.ThrowsAsync<AdamException>(() => session.StepAsync(
            [new TensorGradient(1, SmallModel.Gradients(1)[1])], SmallModel.Writable(weights), new StepOptions { ReplyChangedSince = 99 }));
        var all = await session.StepAsync(
            SmallModel.ReadOnly(SmallModel.Gradients(2)), SmallModel.Writable(weights), new StepOptions { ReplyChangedSince = one.Version });

        Assert.Equal([1], one.ReceivedTensors);
        Assert.Equal(AdamErrorReason.BaseVersionAhead, ahead.Reason);
        Assert.Equal([0, 1], all.ReceivedTensors);
        Assert.Equal(all.ReceivedTensors, session.LastResult!.ReceivedTensors);
        Assert.NotEqual(5, weights[0][0]);
    }

    [Fact]
    public async Task ReadTensors_DTypes_ComeAsFloatsOrHalves()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());

        var bfloat16 = await service.Client.ReadTensorsAsync(created.Reference, new ReadOptions { DType = TensorDType.BFloat16 });
        var float16 = await service.Client.ReadTensorsAsync(created.Reference, new ReadOptions { DType = TensorDType.Float16 });

        Assert.Equal(SmallModel.Weights()[0].Select(ToBFloat16), bfloat16[0].Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)));
        Assert.Equal(SmallModel.Weights()[0].Select(value => (Half)value), float16.Float16(0));
        Assert.Empty(float16.Float16(2));
    }

    [Fact]
    public async Task ReadTensors_IfNewerThan_BringsTheTensorsThatAre()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());
        await using var session = await service.Client.OpenSessionAsync(created.Reference);
        await session.StepAsync([new TensorGradient(1, SmallModel.Gradients(1)[1])]);
        var buffers = SmallModel.Buffers();

        var read = await service.Client.ReadTensorsAsync(created.Reference, new ReadOptions { IfNewerThan = created.Version });
        var into = await service.Client.ReadTensorsAsync(
            created.Reference,
            SmallModel.Writable(buffers),
            new ReadIntoOptions { IfNewerThan = created.Version, DType = TensorDType.BFloat16 });
        var nothing = await service.Client.ReadTensorsAsync(
            created.Reference, SmallModel.Writable(buffers), new ReadIntoOptions { IfNewerThan = into.Version });

        Assert.Equal((false, true, false), (read.Has(0), read.Has(1), read.Unchanged));
        Assert.Throws<KeyNotFoundException>(() => read[0]);
        Assert.Equal([1], into.ReceivedTensors);
        Assert.All(buffers[0], value => Assert.Equal(0, value));
        Assert.Equal(ToBFloat16(read[1][0]), (ushort)(BitConverter.SingleToUInt32Bits(buffers[1][0]) >> 16));
        Assert.Empty(nothing.ReceivedTensors);
    }

    [Fact]
    public async Task ReadTensors_Float16VariableIntoFloats_IsWidened()
    {
        var created = await service.Client.CreateSessionAsync(MixedModel.Spec(new OptimizerSettings { Groups = [new AdamSettings(), new AdamSettings()] }));
        var floats = MixedModel.Tensors.Select(tensor => new float[tensor.ElementCount]).ToArray();

        await service.Client.ReadTensorsAsync(
            created.Reference, [.. floats.Select(values => (TensorMemory)values)], new ReadIntoOptions { DType = TensorDType.Float32 });

        Assert.Equal(((Half[])MixedModel.Weights()[MixedModel.Half16]).Select(value => (float)value), floats[MixedModel.Half16]);
        Assert.Equal((float[])MixedModel.Weights()[MixedModel.Bias], floats[MixedModel.Bias]);
    }

    // A session, and what its weights are after the first step.
    private async Task<(SessionInfo Created, float[][] Exact)> TrainedAsync()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());
        using var engine = SmallModel.Engine();
        SmallModel.Apply(engine, [.. SmallModel.Gradients(1).Select((gradient, index) => (index, gradient))]);
        return (created, [.. Enumerable.Range(0, 2).Select(index => engine.Slot(index, Engine.AdamSlot.Weights).Span<float>().ToArray())]);
    }

    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
