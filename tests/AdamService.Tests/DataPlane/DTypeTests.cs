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
    public async Task Train_ShortGradients_AreReadAsTheFloatsThatTheyAre(DType dtype)
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);
        float[] rounded = dtype == DType.Float16
            ? [.. Gradient.Select(value => (float)(Half)value)]
            : [.. Gradient.Select(value => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000u))];

        await stream.BeginAsync(Requests.Begin(1));
        foreach (var chunk in Requests.Chunks(0, Gradient, 10, dtype).Reverse())
        {
            await stream.ChunkAsync(chunk);
        }

        await stream.CommitAsync();
        var answer = await stream.ReadAnswerAsync();

        Bits.AssertSame(new Replica(Initial).Apply(rounded).Weights(), answer.Tensor(0), "weights");
    }

    [Fact]
    public async Task Train_ChunksOfTwoTypes_AreRefused()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient.AsSpan(0, 10), DType.Float16));
        await stream.ChunkAsync(Requests.Chunk(0, 10, Gradient.AsSpan(10)));
        await stream.CommitAsync();

        var refused = (await stream.ReadAnswerAsync()).Refused();
        refused.AssertIs(StatusCode.InvalidArgument, ErrorReason.TensorMismatch);
        Assert.Contains("expected float16 elements", refused.Message, StringComparison.Ordinal);
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
