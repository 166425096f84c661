using System.Runtime.InteropServices;
using Adam.Engine;
using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>What comes back with a batch.</summary>
public sealed class TrainReplyTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[][] Initial = [Floats.Random(3000, 1), Floats.Random(50, 2)];
    private static readonly float[][] Gradients = [Floats.Random(3000, 3), Floats.Random(50, 4)];

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task Train_ReplyNone_SendsTheResultAlone()
    {
        using var stream = await OpenAsync();

        await stream.SendBatchAsync(Requests.Begin(1, ReplyKind.None), Gradients);
        await stream.SendBatchAsync(Requests.Begin(2, ReplyKind.None), Gradients);

        Assert.Equal(1ul, (await stream.ReadAsync()).Result.Sequence);
        Assert.Equal(2ul, (await stream.ReadAsync()).Result.Sequence);
        await stream.CloseAsync();
    }

    [Fact]
    public async Task Train_ReplyDelta_IsTheRoundedDifference()
    {
        using var stream = await OpenAsync();

        var answer = await stream.StepAsync(Requests.Begin(1, ReplyKind.Delta), Gradients);

        var expected = new Replica(Initial).Apply(Gradients);
        for (var tensor = 0; tensor < Initial.Length; tensor++)
        {
            float[] delta = [.. expected.Weights(tensor).Zip(Initial[tensor], (updated, old) => updated - old)];
            Bits.AssertSame(delta, answer.Tensor(tensor), $"t{tensor}");
        }
    }

    [Fact]
    public async Task Train_ReplyDeltaXor_GivesTheWeightsExactly()
    {
        using var stream = await OpenAsync();

        var answer = await stream.StepAsync(Requests.Begin(1, ReplyKind.DeltaXor), Gradients);

        var expected = new Replica(Initial).Apply(Gradients);
        for (var tensor = 0; tensor < Initial.Length; tensor++)
        {
            float[] updated =
            [
                .. MemoryMarshal.Cast<float, uint>(Initial[tensor]).ToArray()
                    .Zip(MemoryMarshal.Cast<float, uint>(answer.Tensor(tensor)).ToArray(), (old, bits) => BitConverter.UInt32BitsToSingle(old ^ bits)),
            ];
            Bits.AssertSame(expected.Weights(tensor), updated, $"t{tensor}");
        }
    }

    [Fact]
    public async Task Train_ReplyAverage_IsTheMovingAverage()
    {
        using var stream = await OpenAsync(new AdamConfig { UseEma = true, EmaMomentum = 0.5 });

        await stream.StepAsync(1, Gradients);
        var answer = await stream.StepAsync(Requests.Begin(2, ReplyKind.Average), Gradients);

        var expected = new Replica(new AdamOptions { UseEma = true, EmaMomentum = 0.5 }, Initial).Apply(Gradients).Apply(Gradients);
        Assert.Equal(ReplyKind.Average, answer.Result.ReplyKind);
        Bits.AssertSame(expected.Slot(0, AdamSlot.Average), answer.Tensor(0), "average of t0");
        Bits.AssertSame(expected.Slot(1, AdamSlot.Average), answer.Tensor(1), "average of t1");
    }

    [Fact]
    public async Task Train_ReplyAverageWithoutEma_IsRejected()
    {
        using var stream = await OpenAsync();

        var refusal = (await stream.StepAsync(Requests.Begin(1, ReplyKind.Average), Gradients)).Refused();

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        Assert.Equal(["begin.reply.kind"], refusal.Fields);
    }

    [Fact]
    public async Task Train_ReplySubset_ComesInTheOrderThatWasAskedFor()
    {
        using var stream = await OpenAsync();
        var begin = Requests.Begin(1);
        begin.Reply.Tensors = Requests.Indexes(1, 0);

        var both = await stream.StepAsync(begin, Gradients);
        begin = Requests.Begin(2);
        begin.Reply.Tensors = Requests.Indexes(1);
        var one = await stream.StepAsync(begin, Gradients);

        Assert.Equal([1u, 0u], both.Order);
        Assert.Equal([1u], one.Order);
        Bits.AssertSame(new Replica(Initial).Apply(Gradients).Apply(Gradients).Weights(1), one.Tensor(1), "t1");
    }

    [Theory]
    [InlineData(4096u, 4096)]
    [InlineData(4099u, 4096)]
    [InlineData(8000u, 8000)]
    public async Task Train_ChunkBytes_CutTheReply(uint asked, int expected)
    {
        using var stream = await OpenAsync();
        var begin = Requests.Begin(1);
        begin.Reply.ChunkBytes = asked;

        var answer = await stream.StepAsync(begin, Gradients);

        Assert.Equal(expected, answer.Chunks[0].Data.Length);
        Assert.Equal((12000 + expected - 1) / expected, answer.Chunks.Count(chunk => chunk.TensorIndex == 0));
        Bits.AssertSame(new Replica(Initial).Apply(Gradients).Weights(), answer.Tensor(0), "t0");
    }

    [Theory]
    [InlineData(4095u)]
    [InlineData((1u << 20) + 1)]
    public async Task Train_ChunkBytesOutOfRange_IsRejected(uint asked)
    {
        using var stream = await OpenAsync();
        var begin = Requests.Begin(1);
        begin.Reply.ChunkBytes = asked;

        Assert.Equal(["begin.reply.chunk_bytes"], (await stream.StepAsync(begin, Gradients)).Refused().Fields);
    }

    [Fact]
    public async Task Train_DefaultReplyOfTheOpen_AppliesUntilABatchSaysOtherwise()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, new TrainOpen
        {
            Session = Requests.Ref(_id),
            WorkerId = "w",
            DefaultReply = new ReplySpec { Kind = ReplyKind.Delta, Tensors = Requests.Indexes(1) },
        });

        var byDefault = await stream.StepAsync(new BatchBegin { Sequence = 1, AllTensors = new AllTensors() }, Gradients);
        var kindOfDefault = await stream.StepAsync(
            new BatchBegin { Sequence = 2, AllTensors = new AllTensors(), Reply = new ReplySpec { Tensors = Requests.Indexes(0) } }, Gradients);
        var own = await stream.StepAsync(Requests.Begin(3, ReplyKind.None), Gradients);

        Assert.Equal((ReplyKind.Delta, 1u), (byDefault.Result.ReplyKind, Assert.Single(byDefault.Order)));
        Assert.Equal((ReplyKind.Delta, 0u), (kindOfDefault.Result.ReplyKind, Assert.Single(kindOfDefault.Order)));
        Assert.Equal(ReplyKind.None, own.Result.ReplyKind);
    }

    [Fact]
    public async Task Step_EveryReplyKind_IsTheSameAsOverTheStream()
    {
        await _service.CreateAsync(Requests.Create(_id, new AdamConfig { UseEma = true }, Initial));
        var streamed = Requests.NewId();
        await _service.CreateAsync(Requests.Create(streamed, new AdamConfig { UseEma = true }, Initial));
        using var stream = await TrainClient.OpenAsync(_service, streamed);

        var sequence = 0ul;
        foreach (var kind in new[] { ReplyKind.None, ReplyKind.Weights, ReplyKind.Delta, ReplyKind.DeltaXor, ReplyKind.Average })
        {
            sequence++;
            var unary = await _service.StepAsync(Requests.Step(_id, "w", Requests.Begin(sequence, kind), Gradients));
            var answer = await stream.StepAsync(Requests.Begin(sequence, kind), Gradients);

            Assert.Equal(answer.Result, unary.Result);
            Assert.Equal(kind == ReplyKind.None ? 0 : 2, unary.Reply.Count);
            foreach (var tensor in unary.Reply)
            {
                Bits.AssertSame(answer.Tensor((int)tensor.TensorIndex), Floats.FromBytes(tensor.Data), $"{kind} of t{tensor.TensorIndex}");
            }
        }
    }

    private async Task<TrainClient> OpenAsync(AdamConfig? settings = null)
    {
        await _service.CreateAsync(Requests.Create(_id, settings ?? new AdamConfig(), Initial));
        return await TrainClient.OpenAsync(_service, _id);
    }
}
