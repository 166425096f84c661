using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>float16 variables, and gradients that come as float16 or bfloat16.</summary>
public sealed class DTypeTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = Floats.Random(37, 1);
    private static readonly float[] Gradient = Floats.Random(37, 2);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Theory]
    [InlineData(DType.Float16)]
    [InlineData(DType.Bfloat16)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Int8Blocks)]
    public async Task Train_OtherEncodings_AreReadAsTheFloatsThatTheyAre(DType dtype)
    {
        var initial = Floats.Random(5000, 3);
        var gradient = Floats.Random(5000, 4);
        await _service.CreateAsync(Requests.Create(_id, initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Encoded.Chunk(dtype, 0, 2048, gradient.AsSpan(2048)));
        await stream.ChunkAsync(Encoded.Chunk(dtype, 0, 0, gradient.AsSpan(0, 2048)));
        await stream.CommitAsync();
        var answer = await stream.ReadAnswerAsync();

        float[] sent = [.. Encoded.Of(dtype, gradient.AsSpan(0, 2048)).Values, .. Encoded.Of(dtype, gradient.AsSpan(2048)).Values];
        Bits.AssertSame(new Replica(initial).Apply(sent).Weights(), answer.Tensor(0), "weights");
    }

    [Theory]
    [InlineData(DType.Float16)]
    [InlineData(DType.Bfloat16)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Int8Blocks)]
    public async Task Step_OtherEncodings_AreReadAsTheFloatsThatTheyAre(DType dtype)
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        var request = Requests.Step(_id, "w", Requests.Begin(1));
        request.Gradients.Add(new TensorData { Dtype = dtype, Data = Encoded.Of(dtype, Gradient).Data });

        var response = await _service.StepAsync(request);

        Bits.AssertSame(
            new Replica(Initial).Apply(Encoded.Of(dtype, Gradient).Values).Weights(), Floats.FromBytes(response.Reply[0].Data), "weights");
    }

    [Fact]
    public async Task Train_ChunksOfManyTypes_AreReadAsTheFloatsThatTheyAre()
    {
        var initial = Floats.Random(3000, 5);
        var gradient = Floats.Random(3000, 6);
        await _service.CreateAsync(Requests.Create(_id, initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);
        (DType Type, int Start, int End)[] cuts =
            [(DType.Float16, 2048, 2100), (DType.Bfloat16, 2100, 2200), (DType.Int8Blocks, 0, 2048), (DType.Float64, 2200, 2300), (DType.Float16, 2300, 3000)];

        await stream.BeginAsync(Requests.Begin(1));
        var sent = new float[3000];
        foreach (var (type, start, end) in cuts)
        {
            await stream.ChunkAsync(Encoded.Chunk(type, 0, start, gradient.AsSpan(start..end)));
            Encoded.Of(type, gradient.AsSpan(start..end)).Values.CopyTo(sent, start);
        }

        await stream.CommitAsync();

        var after = await stream.ReadAnswerAsync();
        Bits.AssertSame(new Replica(initial).Apply(sent).Weights(), after.Tensor(0), "weights");
    }

    [Theory]
    [InlineData(ReplyKind.Weights)]
    [InlineData(ReplyKind.Delta)]
    [InlineData(ReplyKind.DeltaXor)]
    public async Task Train_Float16Variable_AnswersInItsType(ReplyKind kind)
    {
        float[] initial = [.. Initial.Select(value => (float)(Half)value)];
        var request = Requests.Create(_id, Initial);
        request.Tensors[0].Dtype = DType.Float16;
        request.InitialValues[0] = Requests.Data(0, Initial, DType.Float16);
        await _service.CreateAsync(request);
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(Requests.Begin(1, kind));
        await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient, DType.Float16));
        await stream.CommitAsync();
        var answer = await stream.ReadAnswerAsync();
        var updated = await _service.ReadWeightsAsync(_id);

        Assert.All(answer.Chunks, chunk => Assert.Equal(DType.Float16, chunk.Dtype));
        Assert.NotEqual(initial, updated);
        float[] expected = kind switch
        {
            ReplyKind.Weights => updated,
            ReplyKind.Delta => [.. initial.Zip(updated, (old, value) => (float)(Half)(value - old))],
            _ => [.. initial.Zip(updated, (old, value) => Xor((Half)old, (Half)value))],
        };
        Bits.AssertSame(expected, answer.Tensor(0), "reply");
    }

    private static float Xor(Half old, Half updated) => (float)BitConverter.UInt16BitsToHalf(
        (ushort)(BitConverter.HalfToUInt16Bits(old) ^ BitConverter.HalfToUInt16Bits(updated)));
}
