using System.Globalization;
using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Reconnecting;

/// <summary>Connections that are cut at known places: each batch is applied once, and the caller gets its result.</summary>
public sealed class CutConnectionTests(SmallChunksFixture service) : IClassFixture<SmallChunksFixture>
{
    // Other cuts than usual, 4 numbers apart.
    private static readonly int OtherSeeds = int.Parse(Environment.GetEnvironmentVariable("ADAM_CUT_SEED") ?? "0", CultureInfo.InvariantCulture);

    [Fact]
    public async Task StepAsync_CutAfterTheServiceApplied_GivesTheResultAndTheWeights()
    {
        await using var cut = await CutSession.OpenAsync(service);
        cut.Proxy.Arm(new Cut(IsReply: true, 0));

        var (results, weights) = await InterruptedModel.TrainAsync(cut.Session, 1);

        Assert.Equal(1, cut.Proxy.Made);
        Assert.Equal((StepOutcome.Applied, true, 1UL, 1L), (results[0].Outcome, results[0].WasInterrupted, results[0].Sequence, results[0].Iterations));
        Assert.Equal((results[0].Version, ReplyKind.Weights), (results[0].ReplyVersion!.Value, results[0].Reply));
        Assert.Equal([0, 1], results[0].ReceivedTensors);
        Assert.Equal((1, 2UL, true), (cut.Session.Reconnects, cut.Session.NextSequence, cut.Session.IsOpen));
        await cut.AssertAsUninterruptedAsync(1, weights);
    }

    [Fact]
    public async Task StepAsync_CutInAChunk_SendsTheBatchAgain()
    {
        await using var cut = await CutSession.OpenAsync(service);
        cut.Proxy.Arm(new Cut(IsReply: false, InterruptedModel.ChunkBytes * 3 / 2));

        var (results, weights) = await InterruptedModel.TrainAsync(cut.Session, 2);

        Assert.Equal([true, false], results.Select(result => result.WasInterrupted));
        Assert.Equal([1L, 2L], results.Select(result => result.Iterations));
        Assert.Equal(BitConverter.GetBytes(2), cut.Session.ClientCursor.ToArray());
        await cut.AssertAsUninterruptedAsync(2, weights);
    }

    [Fact]
    public async Task StepAsync_CutInTheReply_ReadsTheWeights()
    {
        await using var cut = await CutSession.OpenAsync(service);
        cut.Proxy.Arm(new Cut(IsReply: true, InterruptedModel.ChunkBytes * 3 / 2));

        var (results, weights) = await InterruptedModel.TrainAsync(cut.Session, 1);

        Assert.True(results[0].WasInterrupted);
        Assert.True(cut.Session.LastResult!.WasInterrupted);
        await cut.AssertAsUninterruptedAsync(1, weights);
    }

    [Fact]
    public async Task StepAsync_DeltaIsLost_BringsWeightsAndSaysSo()
    {
        await using var cut = await CutSession.OpenAsync(service);
        cut.Proxy.Arm(new Cut(IsReply: true, InterruptedModel.ChunkBytes * 3 / 2));

        var (results, weights) = await InterruptedModel.TrainAsync(cut.Session, 1, options: new StepOptions { Reply = ReplyKind.DeltaXor });

        Assert.Equal(ReplyKind.Weights, results[0].Reply);
        await cut.AssertAsUninterruptedAsync(1, weights);
    }

    [Fact]
    public async Task StepAsync_CutWhileNothingIsUnderWay_IsNotNoticed()
    {
        await using var cut = await CutSession.OpenAsync(service);
        await InterruptedModel.TrainAsync(cut.Session, 1);
        cut.Proxy.CutAll();

        var result = await cut.Session.StepAsync(SmallModel.ReadOnly(InterruptedModel.Gradients(2)));

        Assert.Equal((2L, StepOutcome.Applied), (result.Iterations, result.Outcome));
        Assert.Equal(1, cut.Session.Reconnects);
    }

    [Fact]
    public async Task StepAsync_EncodedWithFeedback_KeepsWhatWasCutOffOnce()
    {
        await using var cut = await CutSession.OpenAsync(service, GradientEncoding.Int8Blocks);
        var steps = 0;
        void Arm(int step) => cut.Proxy.Arm(new Cut(IsReply: step % 2 == 0, step % 3 == 0 ? 0 : 2000 + (steps++ * 100)));

        var (_, weights) = await InterruptedModel.TrainAsync(cut.Session, 8, before: Arm);

        Assert.True(cut.Proxy.Made >= 6, $"{cut.Proxy.Made}");
        await cut.AssertAsUninterruptedAsync(8, weights);
    }

    [Fact]
    public async Task StepAsync_RefusalIsLost_IsRefusedAgainAndTheRestAreGaps()
    {
        await using var cut = await CutSession.OpenAsync(service);
        var gradients = SmallModel.ReadOnly(InterruptedModel.Gradients(1));
        cut.Proxy.Arm(new Cut(IsReply: true, 0));

        var refused = cut.Session.StepAsync(gradients, options: new StepOptions { BaseVersion = cut.Session.Version + 10 });
        Task<StepResult>[] behind = [cut.Session.StepAsync(gradients), cut.Session.StepAsync(gradients)];

        Assert.Equal(AdamErrorReason.BaseVersionAhead, (await Assert.ThrowsAsync<AdamException>(() => refused)).Reason);
        foreach (var step in behind)
        {
            Assert.Equal(1UL, (await Assert.ThrowsAsync<SequenceGapException>(() => step)).ExpectedSequence);
        }

        var (results, weights) = await InterruptedModel.TrainAsync(cut.Session, 1);
        Assert.Equal((1UL, 1L, 1), (results[0].Sequence, results[0].Iterations, cut.Session.Reconnects));
        await cut.AssertAsUninterruptedAsync(1, weights);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 4)]
    public async Task StepAsync_ManyCuts_AreOneRun(int seed, int overlap)
    {
        const int Steps = 80;
        const int CutsMin = 50;
        var random = new Random(seed + OtherSeeds);
        var encoding = seed % 2 == 0 ? GradientEncoding.BFloat16 : GradientEncoding.AsGiven;
        await using var cut = await CutSession.OpenAsync(service, encoding);

        // Most cuts fall into a step, some into the reconnecting after one.
        void Arm(int step)
        {
            var isReply = random.Next(2) == 0;
            var bytes = isReply || encoding == GradientEncoding.AsGiven ? InterruptedModel.Bytes : InterruptedModel.Bytes / 2;
            var isReconnectingCut = random.Next(4) == 0;
            if (!cut.Proxy.IsArmed)
            {
                cut.Proxy.Arm(new Cut(isReply, random.Next(5) == 0 ? 0 : random.Next(bytes), random.Next(2) == 0));
                cut.Proxy.Arm(isReconnectingCut ? [new Cut(random.Next(2) == 0, random.Next(300))] : []);
            }
        }

        var (results, weights) = await InterruptedModel.TrainAsync(cut.Session, Steps, overlap, before: Arm);

        Assert.True(cut.Proxy.Made >= CutsMin, $"{cut.Proxy.Made} cuts");
        Assert.All(results, (result, i) => Assert.Equal(
            ((ulong)i + 1, i + 1L, StepOutcome.Applied), (result.Sequence, result.Iterations, result.Outcome)));
        await cut.AssertAsUninterruptedAsync(Steps, weights);
    }
}
