using Adam.Client.Tests.Support;
using Adam.Engine;

namespace Adam.Client.Tests.Training;

[Collection(ServiceGroup.Name)]
public sealed class TensorTransferTests(ServiceFixture service)
{
    [Fact]
    public async Task ReadTensors_Slots_HaveTheEnginesBits()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec(new AdamSettings { AmsGrad = true }));
        await using var session = await service.Client.OpenSessionAsync(created.Reference);
        await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(1)));
        using var engine = SmallModel.Engine(new AdamOptions { AmsGrad = true });
        SmallModel.Apply(engine, [.. SmallModel.Gradients(1).Select((gradient, index) => (index, gradient))]);

        var read = await service.Client.ReadTensorsAsync(created.Reference, new ReadOptions
        {
            Slots = [TensorSlot.FirstMoment, TensorSlot.MaxSecondMoment],
        });

        Assert.Equal(session.Version, read.Version);
        Assert.Equal(1, read.Iterations);
        for (var i = 0; i < SmallModel.Tensors.Count; i++)
        {
            Assert.Equal(Bits.Of(engine.Slot(i, AdamSlot.FirstMoment).Span<float>()), Bits.Of(read[i, TensorSlot.FirstMoment]));
            Assert.Equal(Bits.Of(engine.Slot(i, AdamSlot.MaxSecondMoment).Span<float>()), Bits.Of(read[i, TensorSlot.MaxSecondMoment]));
        }

        Assert.Throws<KeyNotFoundException>(() => read[0]);
    }

    [Fact]
    public async Task ReadTensors_IntoBuffers_FillsThem()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());
        var weights = SmallModel.Buffers();

        var version = await service.Client.ReadTensorsAsync(created.Reference, SmallModel.Writable(weights));

        Assert.Equal(created.Version, version.Version);
        Assert.Equal(SmallModel.Weights(), weights);
    }

    [Fact]
    public async Task ReadTensors_BuffersThatDoNotFit_AreRefusedHere()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());

        var tooFew = await Assert.ThrowsAsync<ArgumentException>(
            () => service.Client.ReadTensorsAsync(created.Reference, SmallModel.Writable([new float[15]])));
        var tooShort = await Assert.ThrowsAsync<ArgumentException>(
            () => service.Client.ReadTensorsAsync(created.Reference, SmallModel.Writable([new float[14], new float[1], []])));
        var tooLong = await Assert.ThrowsAsync<ArgumentException>(
            () => service.Client.ReadTensorsAsync(created.Reference, SmallModel.Writable([new float[15], new float[2], []])));

        Assert.Contains("has 3 tensors and 1 buffers came", tooFew.Message, StringComparison.Ordinal);
        Assert.Contains("Tensor 0 ('dense/kernel') has 15 elements; 14 came as its buffer", tooShort.Message, StringComparison.Ordinal);
        Assert.Contains("Tensor 1 ('scale') has 1 elements; 2 came as its buffer", tooLong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadTensors_NoSlots_AreRefusedHere()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());

        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => service.Client.ReadTensorsAsync(created.Reference, new ReadOptions { Slots = [] }));

        Assert.Contains("at least one slot", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadTensors_UnknownTensor_IsRefusedHere()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());

        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => service.Client.ReadTensorsAsync(created.Reference, new ReadOptions { Tensors = [3] }));

        Assert.Contains("There is no tensor 3; the session has 3", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadTensors_NotNewer_BringsNothing()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());

        var read = await service.Client.ReadTensorsAsync(created.Reference, new ReadOptions { IfNewerThan = created.Version });

        Assert.True(read.Unchanged);
    }

    [Fact]
    public async Task WriteTensors_SlotsAndCounter_MakeTheNextStepTheSame()
    {
        // A session that is given another one's state goes on like it.
        var first = await service.Client.CreateSessionAsync(SmallModel.Spec());
        await using var trained = await service.Client.OpenSessionAsync(first.Reference);
        await trained.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(1)));
        TensorSlot[] slots = [TensorSlot.Weights, TensorSlot.FirstMoment, TensorSlot.SecondMoment];
        var state = await service.Client.ReadTensorsAsync(first.Reference, new ReadOptions { Slots = slots });
        var second = await service.Client.CreateSessionAsync(SmallModel.Spec() with { InitialWeights = null });

        var written = await service.Client.WriteTensorsAsync(
            second.Reference,
            [.. from slot in slots from index in new[] { 0, 1 } select new TensorWrite(index, state[index, slot], slot)],
            new WriteOptions { Iterations = state.Iterations, IfVersion = second.Version });
        await using var copy = await service.Client.OpenSessionAsync(second.Reference);
        var (expected, actual) = (SmallModel.Buffers(), SmallModel.Buffers());
        await trained.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(2)), SmallModel.Writable(expected));
        await copy.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(2)), SmallModel.Writable(actual));

        Assert.Equal(SessionState.Ready, written.State);
        Assert.Equal(expected.Select(values => Bits.Of(values)), actual.Select(values => Bits.Of(values)));
    }

    [Fact]
    public async Task WriteTensors_OtherVersion_ChangesNothing()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());

        var exception = await Assert.ThrowsAsync<AdamException>(() => service.Client.WriteTensorsAsync(
            created.Reference, [new TensorWrite(1, new float[1])], new WriteOptions { IfVersion = created.Version + 1 }));
        var read = await service.Client.ReadTensorsAsync(created.Reference);

        Assert.Equal(AdamErrorReason.VersionMismatch, exception.Reason);
        Assert.Equal(SmallModel.Weights()[1], read[1]);
    }

    [Fact]
    public async Task WriteTensors_ValuesThatDoNotFit_AreRefusedHere()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());

        var tooFew = await Assert.ThrowsAsync<ArgumentException>(
            () => service.Client.WriteTensorsAsync(created.Reference, [new TensorWrite(0, new float[14])]));
        var tooMany = await Assert.ThrowsAsync<ArgumentException>(
            () => service.Client.WriteTensorsAsync(created.Reference, [new TensorWrite(1, new float[2])]));
        var unknown = await Assert.ThrowsAsync<ArgumentException>(
            () => service.Client.WriteTensorsAsync(created.Reference, [new TensorWrite(-1, new float[1])]));

        Assert.Contains("Tensor 0 ('dense/kernel') has 15 elements; 14 came as its Weights", tooFew.Message, StringComparison.Ordinal);
        Assert.Contains("Tensor 1 ('scale') has 1 elements; 2 came as its Weights", tooMany.Message, StringComparison.Ordinal);
        Assert.Contains("There is no tensor -1; the session has 3", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteTensors_OneSlotTwice_NamesTheTensor()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());

        var exception = await Assert.ThrowsAsync<TensorMismatchException>(() => service.Client.WriteTensorsAsync(
            created.Reference, [new TensorWrite(0, new float[15]), new TensorWrite(0, new float[15])]));

        Assert.Equal("dense/kernel", exception.Tensor);
    }

    [Fact]
    public async Task FinalizeSession_WithAverages_PutsThemInPlace()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec(new AdamSettings { UseEma = true, EmaMomentum = 0.5 }));
        await using var session = await service.Client.OpenSessionAsync(created.Reference);
        await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(1)));
        await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(2)));
        var average = await service.Client.ReadTensorsAsync(created.Reference, new ReadOptions { Slots = [TensorSlot.Average] });

        var finalized = await service.Client.FinalizeSessionAsync(created.Reference);
        var read = await service.Client.ReadTensorsAsync(created.Reference);

        Assert.Equal(session.Version + 1, finalized.Version);
        Assert.Equal(Bits.Of(average[0, TensorSlot.Average]), Bits.Of(read[0]));
    }
}
