using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Replies and reads in another type than the variable's.</summary>
public sealed class ReplyDTypeTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = Floats.Random(5000, 1);
    private static readonly float[] Gradient = Floats.Random(5000, 2);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    public static TheoryData<DType, ReplyKind, DType> Combinations
    {
        get
        {
            var data = new TheoryData<DType, ReplyKind, DType>();
            foreach (var variable in new[] { DType.Float32, DType.Float16 })
            {
                foreach (var kind in new[] { ReplyKind.Weights, ReplyKind.Average, ReplyKind.Delta })
                {
                    foreach (var reply in new[] { DType.Float32, DType.Float16, DType.Bfloat16 })
                    {
                        data.Add(variable, kind, reply);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task Train_ReplyDtype_IsTheValueRoundedOnce(DType variable, ReplyKind kind, DType reply)
    {
        await CreateAsync(variable);
        var before = await _service.ReadWeightsAsync(_id);
        using var stream = await TrainClient.OpenAsync(_service, _id);
        var begin = Requests.Begin(1, kind);
        begin.Reply.Dtype = reply;
        begin.Reply.ChunkBytes = 4096;

        await stream.BeginAsync(begin);
        await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient, variable));
        await stream.CommitAsync();
        var answer = await stream.ReadAnswerAsync();

        var slot = kind == ReplyKind.Average ? Slot.Average : Slot.Weights;
        var values = (await _service.ReadAsync(_id, slot)).Tensor(0, slot);
        double[] exact = [.. values.Zip(before, (after, old) => kind == ReplyKind.Delta ? (double)after - old : after)];
        Assert.All(answer.Chunks, chunk => Assert.Equal((reply, slot), (chunk.Dtype, chunk.Slot)));
        Assert.Equal(4096, answer.Chunks[0].Data.Length);
        Bits.AssertSame([.. exact.Select(value => Round(value, reply))], answer.Tensor(0), $"{kind} of {variable} as {reply}");
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task Step_ReplyDtype_IsTheSameAsOverTheStream(DType variable, ReplyKind kind, DType reply)
    {
        await CreateAsync(variable);
        var streamed = Requests.NewId();
        await CreateAsync(variable, streamed);
        using var stream = await TrainClient.OpenAsync(_service, streamed);
        var begin = Requests.Begin(1, kind);
        begin.Reply.Dtype = reply;

        var unary = await _service.StepAsync(new StepRequest
        {
            Session = Requests.Ref(_id), WorkerId = "w", Begin = begin, Gradients = { Requests.Data(0, Gradient, variable) },
        });
        await stream.BeginAsync(begin);
        await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient, variable));
        await stream.CommitAsync();
        var answer = await stream.ReadAnswerAsync();

        var tensor = Assert.Single(unary.Reply);
        Assert.Equal(reply, tensor.Dtype);
        Assert.Equal(ByteString.CopyFrom([.. answer.Chunks.SelectMany(chunk => chunk.Data)]), tensor.Data);
    }

    [Theory]
    [InlineData(DType.Float32, DType.Float16)]
    [InlineData(DType.Float32, DType.Bfloat16)]
    [InlineData(DType.Float16, DType.Float32)]
    [InlineData(DType.Float16, DType.Bfloat16)]
    [InlineData(DType.Float16, DType.Float16)]
    public async Task ReadTensors_Dtype_IsTheValueRounded(DType variable, DType asked)
    {
        await CreateAsync(variable);
        var own = await _service.ReadWeightsAsync(_id);

        var read = await _service.ReadAsync(new ReadTensorsRequest { Session = Requests.Ref(_id), Dtype = asked });

        Assert.All(read.Chunks, chunk => Assert.Equal(asked, chunk.Dtype));
        Bits.AssertSame([.. own.Select(value => Round(value, asked))], read.Tensor(0, Slot.Weights), $"{variable} as {asked}");
    }

    [Theory]
    [InlineData(DType.Float32, DType.Bfloat16)]
    [InlineData(DType.Float16, DType.Float32)]
    public async Task Train_DeltaXorInAnotherType_IsRejected(DType variable, DType reply)
    {
        await CreateAsync(variable);
        using var stream = await TrainClient.OpenAsync(_service, _id);
        var begin = Requests.Begin(1, ReplyKind.DeltaXor);
        begin.Reply.Dtype = reply;

        await stream.BeginAsync(begin);
        await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient, variable));
        await stream.CommitAsync();
        var refusal = (await stream.ReadAnswerAsync()).Refused();

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        Assert.Equal(["begin.reply.dtype"], refusal.Fields);
        Assert.Contains("the dtype of tensor 't0'", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1ul, (await _service.GetAsync(_id)).Version);
    }

    [Fact]
    public async Task Train_DeltaXorInItsOwnType_MayBeSaid()
    {
        await CreateAsync(DType.Float32);
        using var stream = await TrainClient.OpenAsync(_service, _id);
        var begin = Requests.Begin(1, ReplyKind.DeltaXor);
        begin.Reply.Dtype = DType.Float32;

        Assert.Equal(ReplyKind.DeltaXor, (await stream.StepAsync(begin, Gradient)).Result.ReplyKind);
    }

    [Fact]
    public async Task Train_DtypeOutsideTheContract_IsRejected()
    {
        await CreateAsync(DType.Float32);
        using var stream = await TrainClient.OpenAsync(_service, _id);
        var begin = Requests.Begin(1);
        begin.Reply.Dtype = (DType)99;

        Assert.Equal(["begin.reply.dtype"], (await stream.StepAsync(begin, Gradient)).Refused().Fields);
    }

    private static float Round(double value, DType dtype) => dtype switch
    {
        DType.Bfloat16 => Floats.FromBits(Nearest.BFloat16(value)),
        DType.Float16 => (float)BitConverter.UInt16BitsToHalf(Nearest.Float16(value)),
        _ => (float)value,
    };

    private Task CreateAsync(DType variable, string? id = null)
    {
        var request = Requests.Create(id ?? _id, new AdamConfig { UseEma = true, EmaMomentum = 0.5 }, Initial);
        request.Tensors[0].Dtype = variable;
        request.InitialValues[0] = Requests.Data(0, Initial, variable);
        return _service.CreateAsync(request);
    }
}
