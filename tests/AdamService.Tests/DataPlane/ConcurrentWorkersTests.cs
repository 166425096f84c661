using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Many trainers of one session at the same time.</summary>
public sealed class ConcurrentWorkersTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private const int Workers = 6;
    private const int Batches = 25;

    private readonly TestService _service = fixture.Service;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Train_ManyWorkersAtOnce_AppliesEachBatchOnceInTheOrderOfTheVersions(bool unary)
    {
        var id = Requests.NewId();
        var initial = Floats.Random(300, 1);
        await _service.CreateAsync(Requests.Create(id, new AdamConfig { GlobalClipnorm = 3 }, initial));
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var working = Enumerable.Range(0, Workers).Select(async worker =>
        {
            // All begin at the same moment.
            await start.Task;
            return unary ? await StepAsync(id, worker) : await StreamAsync(id, worker);
        }).ToList();
        start.SetResult();
        var results = await Task.WhenAll(working);

        var applied = results.SelectMany(result => result).OrderBy(result => result.Version).ToList();
        Assert.Equal(Enumerable.Range(2, Workers * Batches).Select(version => (ulong)version), applied.Select(result => result.Version));
        var replica = new Replica(new Engine.AdamOptions { GlobalClipNorm = 3 }, initial);
        foreach (var (worker, sequence, version, weights) in applied)
        {
            replica.Apply(Gradient(worker, sequence));
            Bits.AssertSame(replica.Weights(), weights, $"version {version}");
        }

        var session = await _service.GetAsync(id);
        Assert.Equal((1ul + (Workers * Batches), (long)Workers * Batches), (session.Version, session.Groups[0].Iterations));
        Assert.All(session.Workers, worker => Assert.Equal(Batches + 1ul, worker.NextSequence));
        var final = await _service.ReadWeightsAsync(id);
        Bits.AssertSame(replica.Weights(), final, "final weights");
    }

    private static float[] Gradient(int worker, ulong sequence) => Floats.Random(300, (worker * 1000) + (int)sequence + 7);

    private async Task<List<(int Worker, ulong Sequence, ulong Version, float[] Weights)>> StreamAsync(string id, int worker)
    {
        using var stream = await TrainClient.OpenAsync(_service, id, $"w{worker}");
        var results = new List<(int, ulong, ulong, float[])>();
        for (var sequence = 1ul; sequence <= Batches; sequence++)
        {
            var answer = await stream.StepAsync(sequence, Gradient(worker, sequence));
            Assert.Equal(BatchOutcome.Applied, answer.Result.Outcome);
            Assert.Equal(answer.Result.Version, answer.End!.Version);
            results.Add((worker, sequence, answer.Result.Version, answer.Tensor(0)));
        }

        return results;
    }

    private async Task<List<(int Worker, ulong Sequence, ulong Version, float[] Weights)>> StepAsync(string id, int worker)
    {
        var results = new List<(int, ulong, ulong, float[])>();
        for (var sequence = 1ul; sequence <= Batches; sequence++)
        {
            var response = await _service.StepAsync(
                Requests.Step(id, $"w{worker}", Requests.Begin(sequence), Gradient(worker, sequence)));
            Assert.Equal(response.Result.Version, response.ReplyVersion);
            results.Add((worker, sequence, response.Result.Version, Floats.FromBytes(response.Reply[0].Data)));
        }

        return results;
    }
}
