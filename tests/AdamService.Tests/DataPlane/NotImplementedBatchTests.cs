using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Fields of batches, chunks and reads that this build lacks are refused by name.</summary>
public sealed class NotImplementedBatchTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = Floats.Random(6, 1);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    public static TheoryData<string, Action<BatchBegin>> Begins => new()
    {
        { "begin.sample_weight", begin => begin.SampleWeight = 1 },
        { "begin.round", begin => begin.Round = 1 },
        { "begin.reply.anchor_version", begin => begin.Reply = new ReplySpec { AnchorVersion = 1 } },
        { "begin.reply.dtype = DTYPE_FLOAT64", begin => begin.Reply = new ReplySpec { Dtype = DType.Float64 } },
        { "begin.reply.dtype = DTYPE_INT8_BLOCKS", begin => begin.Reply = new ReplySpec { Dtype = DType.Int8Blocks } },
    };

    public static TheoryData<string, Action<TensorChunk>> Chunks => new()
    {
        { "chunk.codec", chunk => chunk.Codec = new ChunkCodec() },
    };

    [Theory]
    [MemberData(nameof(Begins))]
    public async Task Train_BeginField_IsRejectedByName(string feature, Action<BatchBegin> set)
    {
        ArgumentNullException.ThrowIfNull(set);
        using var stream = await OpenAsync();
        var begin = Requests.Begin(1);
        set(begin);

        AssertFeature(feature, (await stream.StepAsync(begin, Initial)).Refused());
        AssertFeature(feature, await Refusal.OfAsync(() => _service.StepAsync(Requests.Step(_id, "other", begin, Initial))));
    }

    [Theory]
    [MemberData(nameof(Chunks))]
    public async Task Train_ChunkField_IsRejectedByName(string feature, Action<TensorChunk> set)
    {
        ArgumentNullException.ThrowIfNull(set);
        using var stream = await OpenAsync();
        var chunk = Requests.Chunk(0, 0, Initial);
        set(chunk);

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(chunk);
        await stream.CommitAsync();

        AssertFeature(feature, (await stream.ReadAnswerAsync()).Refused());
    }

    [Fact]
    public async Task Train_SlotOfAGradient_IsInvalid()
    {
        using var stream = await OpenAsync();
        var chunk = Requests.Chunk(0, 0, Initial);
        chunk.Slot = Slot.Weights;

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(chunk);
        await stream.CommitAsync();

        Assert.Equal(["chunk.slot"], (await stream.ReadAnswerAsync()).Refused().Fields);
    }

    [Fact]
    public async Task Train_DefaultReplyField_EndsTheOpen()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        var open = new TrainOpen { Session = Requests.Ref(_id), WorkerId = "w", DefaultReply = new ReplySpec { AnchorVersion = 1 } };

        AssertFeature("open.default_reply.anchor_version", await Refusal.OfAsync(() => TrainClient.OpenAsync(_service, open)));
    }

    [Fact]
    public async Task ReadTensors_OtherDtype_IsRefusedByName()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        var request = new ReadTensorsRequest { Session = Requests.Ref(_id), Dtype = DType.Float64 };

        AssertFeature("dtype = DTYPE_FLOAT64", await Refusal.OfAsync(() => _service.ReadAsync(request)));
    }

    private static void AssertFeature(string feature, Refusal refusal)
    {
        refusal.AssertIs(StatusCode.Unimplemented, ErrorReason.NotImplemented);
        Assert.Equal(feature, refusal.Metadata["feature"]);
    }

    private async Task<TrainClient> OpenAsync()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        return await TrainClient.OpenAsync(_service, _id);
    }
}
