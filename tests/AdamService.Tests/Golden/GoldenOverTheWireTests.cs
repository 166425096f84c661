using Adam.Golden;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Golden;

/// <summary>Replays every recorded training run through a real gRPC round trip and compares every bit after every step.</summary>
public sealed class GoldenOverTheWireTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private const string Worker = "trainer";

    private readonly TestService _service = fixture.Service;

    public static TheoryData<string> CaseNames => [.. GoldenFiles.CaseNames];

    [Fact]
    public void CaseNames_InOutputDirectory_AreThere() => Assert.Equal(76, GoldenFiles.CaseNames.Count);

    [Theory]
    [MemberData(nameof(CaseNames))]
    public async Task Train_GoldenRun_GivesKerasBits(string name)
    {
        var run = GoldenFiles.ReadCase(name);
        var sessionId = $"stream-{name}";
        var version = await BuildAsync(run, sessionId);
        using var stream = await TrainClient.OpenAsync(_service, sessionId, Worker);

        await ReplayAsync(run, sessionId, version, async (begin, gradients) =>
        {
            await stream.BeginAsync(begin);

            // Backwards and in odd pieces: the order of arrival must not matter, the manifest's must.
            foreach (var (tensor, values) in gradients.Reverse())
            {
                foreach (var chunk in Requests.Chunks(tensor, values, 7, WireGolden.Type(run.Variables[tensor].GradientDType)).Reverse())
                {
                    await stream.ChunkAsync(chunk);
                }
            }

            await stream.CommitAsync();
            var answer = await stream.ReadAnswerAsync();
            Assert.Equal(answer.Result.Version, answer.End!.Version);
            return (answer.Result, answer.Tensor);
        });
        await stream.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(CaseNames))]
    public async Task Step_GoldenRun_GivesKerasBits(string name)
    {
        var run = GoldenFiles.ReadCase(name);
        var sessionId = $"unary-{name}";
        var version = await BuildAsync(run, sessionId);

        await ReplayAsync(run, sessionId, version, async (begin, gradients) =>
        {
            var request = new StepRequest { Session = Requests.Ref(sessionId), WorkerId = Worker, Begin = begin };
            request.Gradients.Add(gradients.Select(gradient =>
                Requests.Data(gradient.Tensor, gradient.Values, WireGolden.Type(run.Variables[gradient.Tensor].GradientDType))));

            // The order of the gradients stands for a manifest.
            request.Begin.ClearTensors();
            var response = await _service.StepAsync(request);
            Assert.Equal(response.Result.Version, response.ReplyVersion);
            return (response.Result, tensor => Floats.FromBytes(response.Reply[tensor].Data, response.Reply[tensor].Dtype));
        });
    }

    private async Task<ulong> BuildAsync(GoldenCase run, string sessionId)
    {
        var session = await _service.CreateAsync(WireGolden.ToRequest(run, sessionId));
        Assert.Equal(SessionState.Ready, session.State);
        Assert.True(session.KerasExact);
        var version = session.Version;
        if (run.LoadState is { } state)
        {
            var (rate, chunks) = WireGolden.ToChunks(run, state);
            var begin = new WriteBegin { Session = Requests.Ref(sessionId) };
            var commit = new WriteCommit { Iterations = state.Iterations };
            if (state.LossScale is { } lossScale)
            {
                commit.LossScale = new LossScaleStatus { Scale = lossScale.Scale, StepCounter = lossScale.StepCounter };
            }

            version = (await _service.WriteAsync(begin, commit, chunks)).Version;
            if (rate is { } value)
            {
                version = (await _service.SetRateAsync(sessionId, new LearningRate { Value = value })).Version;
            }
        }

        if (run.InitialIterations is { } iterations)
        {
            var begin = new WriteBegin { Session = Requests.Ref(sessionId), IfVersion = version };
            version = (await _service.WriteAsync(begin, new WriteCommit { Iterations = iterations })).Version;
        }

        return version;
    }

    private async Task ReplayAsync(
        GoldenCase run,
        string sessionId,
        ulong version,
        Func<BatchBegin, IReadOnlyList<(int Tensor, float[] Values)>, Task<(BatchResult Result, Func<int, float[]> Weights)>> apply)
    {
        for (var i = 0; i < run.Steps.Count; i++)
        {
            var (step, where) = (run.Steps[i], $"step {i}");
            if (step.SetLearningRate is { } rate)
            {
                version = (await _service.SetRateAsync(sessionId, new LearningRate { Value = rate })).Version;
            }

            var gradients = WireGolden.Gradients(step);
            var begin = new BatchBegin
            {
                Sequence = (ulong)i + 1,
                BaseVersion = version,
                ListedTensors = Requests.Indexes([.. gradients.Select(gradient => gradient.Tensor)]),
            };
            if (run.LearningRateIsCallable)
            {
                begin.Overrides = new StepOverrides { LearningRate = step.LearningRateValue };
            }

            var (result, weights) = await apply(begin, gradients);

            AssertResult(step, result, ++version, where);
            for (var tensor = 0; tensor < run.Variables.Count; tensor++)
            {
                Bits.AssertSame(step.Expected.Variables[tensor], weights(tensor), $"{where}: reply of {run.Variables[tensor].Path}");
            }

            await AssertSlotsAsync(run, step.Expected, sessionId, version, where);
            if (step.Expected.LossScale is { } lossScale)
            {
                var status = (await _service.GetAsync(sessionId)).LossScale;
                Assert.Equal((lossScale.Scale, lossScale.StepCounter), (status.Scale, (int)status.StepCounter));
                Assert.Equal(lossScale.Scale, result.Metrics.LossScale);
            }
        }

        if (run.FinalizedVariables is { } finalized)
        {
            await _service.Sessions.FinalizeSessionAsync(
                new FinalizeSessionRequest { Session = Requests.Ref(sessionId) }, TestService.Call());
            var read = await _service.ReadAsync(sessionId, Slot.Weights);
            for (var tensor = 0; tensor < finalized.Count; tensor++)
            {
                Bits.AssertSame(finalized[tensor], read.Tensor(tensor, Slot.Weights), $"finalized {run.Variables[tensor].Path}");
            }
        }
    }

    private static void AssertResult(GoldenStep step, BatchResult result, ulong version, string where)
    {
        var expected = step.IsSkipped ? BatchOutcome.Skipped
            : step.Scalars.Count == 0 ? BatchOutcome.Accumulated
            : BatchOutcome.Applied;
        Assert.Equal(expected, result.Outcome);
        Assert.Equal(version, result.Version);
        Assert.Equal(0ul, result.Metrics.Staleness);
        Bits.AssertSame(step.LearningRate, result.Metrics.LearningRate, $"{where}: learning rate");
        AssertGroup(step.Expected, result.Groups);
    }

    private async Task AssertSlotsAsync(GoldenCase run, GoldenExpectation expected, string sessionId, ulong version, string where)
    {
        var slots = WireGolden.Slots(expected);
        var read = await _service.ReadAsync(sessionId, [.. slots.Select(slot => slot.Slot)]);
        Assert.Equal(version, read.Header.Version);
        AssertGroup(expected, read.Header.Groups);
        foreach (var (slot, values) in slots)
        {
            for (var tensor = 0; tensor < values.Count; tensor++)
            {
                Bits.AssertSame(values[tensor], read.Tensor(tensor, slot), $"{where}: {slot} of {run.Variables[tensor].Path}");
            }
        }
    }

    private static void AssertGroup(GoldenExpectation expected, IReadOnlyList<GroupStatus> groups)
    {
        var group = Assert.Single(groups);
        Assert.Equal(expected.Iterations, group.Iterations);
        Assert.Equal(expected.EffectiveIterations, group.EffectiveIterations);
    }
}
