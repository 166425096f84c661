using Adam.Engine;
using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Which gradients come, and in which order Keras would have got them.</summary>
public sealed class TrainManifestTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[][] Initial = [Floats.Random(9, 1), Floats.Random(9, 2), Floats.Random(9, 3)];
    private static readonly float[][] Gradients = [Floats.Random(9, 4), Floats.Random(9, 5), Floats.Random(9, 6)];

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task Train_ListedOrder_IsTheOrderOfTheGlobalNorm()
    {
        // In float32, 2^24 + 1 is 2^24: six squares of 1 count only if they are added up before the large one.
        float[][] gradients = [[4096], .. Enumerable.Repeat<float[]>([1], 6)];
        float[][] initial = [.. gradients.Select(_ => new float[1])];
        var options = new AdamOptions { GlobalClipNorm = 1 };
        int[][] orders = [[.. Enumerable.Range(0, 7)], [.. Enumerable.Range(0, 7).Reverse()]];
        var moments = new HashSet<float>();
        foreach (var order in orders)
        {
            var id = Requests.NewId();
            await _service.CreateAsync(Requests.Create(id, new AdamConfig { GlobalClipnorm = 1 }, initial));
            using var stream = await TrainClient.OpenAsync(_service, id);

            // Always sent in index order: only the manifest differs.
            var begin = new BatchBegin { Sequence = 1, ListedTensors = Requests.Indexes(order) };
            await stream.StepAsync(begin, gradients);

            var expected = new Replica(options, initial).ApplyListed([.. order.Select(index => (index, gradients[index]))]);
            var read = await _service.ReadAsync(id, Slot.FirstMoment);
            for (var tensor = 0; tensor < initial.Length; tensor++)
            {
                var moment = read.Tensor(tensor, Slot.FirstMoment);
                Bits.AssertSame(expected.Slot(tensor, AdamSlot.FirstMoment), moment, $"m of t{tensor}");
            }

            moments.Add(read.Tensor(0, Slot.FirstMoment)[0]);
        }

        // Otherwise the test would not see a service that ignores the order.
        Assert.Equal(2, moments.Count);
    }

    [Fact]
    public async Task Train_SubsetOfTensors_LeavesTheOthersAsTheyAre()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(new BatchBegin { Sequence = 1, ListedTensors = Requests.Indexes(2, 0) });
        await stream.ChunkAsync(Requests.Chunk(0, 0, Gradients[0]));
        await stream.ChunkAsync(Requests.Chunk(2, 0, Gradients[2]));
        await stream.CommitAsync();
        var answer = await stream.ReadAnswerAsync();

        var expected = new Replica(Initial).ApplyListed((2, Gradients[2]), (0, Gradients[0]));
        Assert.Equal([0u, 1u, 2u], answer.Order);
        for (var tensor = 0; tensor < Initial.Length; tensor++)
        {
            Bits.AssertSame(expected.Weights(tensor), answer.Tensor(tensor), $"t{tensor}");
        }
    }

    public static TheoryData<BatchBegin, string> BadManifests => new()
    {
        { new BatchBegin { Sequence = 1 }, "begin.tensors" },
        { new BatchBegin { Sequence = 1, ListedTensors = new TensorIndexes() }, "begin.listed_tensors.indexes" },
        { new BatchBegin { Sequence = 1, ListedTensors = Requests.Indexes(0, 1, 0) }, "begin.listed_tensors.indexes" },
        { new BatchBegin { Sequence = 1, ListedTensors = Requests.Indexes(0, 3) }, "begin.listed_tensors.indexes" },
        { new BatchBegin { Sequence = 0, AllTensors = new AllTensors() }, "begin.sequence" },
    };

    [Theory]
    [MemberData(nameof(BadManifests))]
    public async Task Train_BadBegin_IsRejectedAndTheStreamGoesOn(BatchBegin begin, string field)
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        var refusal = (await stream.StepAsync(begin, Gradients)).Refused();
        var next = await stream.StepAsync(1, Gradients);

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        Assert.Equal([field], refusal.Fields);
        Assert.Equal(BatchOutcome.Applied, next.Result.Outcome);
    }

    [Fact]
    public async Task Train_NoGradientAtAll_IsRefusedInKerasWords()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        var refusal = (await stream.StepAsync(new BatchBegin { Sequence = 1, ListedTensors = new TensorIndexes() })).Refused();

        Assert.EndsWith("No gradients provided for any variable.", refusal.Message, StringComparison.Ordinal);
    }
}
