using Adam.Client;
using Adam.Samples.DigitsTraining.Digits;
using Adam.Samples.DigitsTraining.Service;
using Adam.Samples.DigitsTraining.Training;

namespace Adam.EndToEnd.Tests.Digits;

public sealed class TrainerTests
{
    [Fact]
    public async Task RunAsync_ThroughTheService_GivesTheEnginesBits()
    {
        var plan = new TrainingPlan { Epochs = 3, BatchSize = 50, Seed = 7, LearningRate = 0.01 };
        var trainer = new Trainer(DigitsDataset.Load(), plan, new SilentProgress());
        var (remote, local) = (trainer.CreateNetwork(), trainer.CreateNetwork());
        await using var service = await ServiceProcess.StartAsync();
        await using var client = AdamClient.ForAddress(service.Addresses.Grpc);

        TrainingReport report;
        SessionInfo session;
        await using (var updater = await RemoteUpdater.CreateAsync(client, remote, plan.LearningRate, CancellationToken.None))
        {
            report = await trainer.RunAsync(remote, updater, CancellationToken.None);
            session = await client.GetSessionAsync(updater.Session);
        }

        await using var engine = new InProcessUpdater(local, plan.LearningRate);
        var expected = await trainer.RunAsync(local, engine, CancellationToken.None);

        Assert.Equal(0, BitComparison.Differences(remote, local));
        Assert.NotEqual(0, BitComparison.Differences(remote, trainer.CreateNetwork()));
        Assert.Equal(report.Steps, session.Iterations);
        Assert.Equal(expected.Last.Loss, report.Last.Loss);
        Assert.Equal(expected.Last.TestAccuracy, report.Last.TestAccuracy);
    }

    [Fact]
    public async Task CreateAsync_SessionCannotBeOpened_LeavesNothingBehind()
    {
        await using var service = await ServiceProcess.StartAsync();
        using var handler = new NoStreams();
        await using var client = AdamClient.ForAddress(service.Addresses.Grpc, new AdamClientOptions { HttpHandler = handler });
        var network = new Trainer(DigitsDataset.Load(), new TrainingPlan(), new SilentProgress()).CreateNetwork();

        await Assert.ThrowsAsync<AdamException>(() => RemoteUpdater.CreateAsync(client, network, 0.01, CancellationToken.None));

        await foreach (var session in client.ListSessionsAsync())
        {
            Assert.Fail($"The session {session.Id} was left behind.");
        }
    }

    [Fact]
    public void Load_Split_KeepsAFifthOfEveryDigitForTheTest()
    {
        var digits = DigitsDataset.Load();

        Assert.Equal(1797, digits.Train.Count + digits.Test.Count);
        Assert.All(Enumerable.Range(0, 10), digit => Assert.Equal(
            (digits.Train.Labels.Count(label => label == digit) + digits.Test.Labels.Count(label => label == digit)) / 5,
            digits.Test.Labels.Count(label => label == digit)));
        Assert.All(digits.Train.Pixels, pixel => Assert.InRange(pixel, 0f, 1f));
    }

    /// <summary>A network on which everything works but streams of training.</summary>
    private sealed class NoStreams() : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri?.AbsolutePath == "/adam.v1.Training/Train"
                ? throw new HttpRequestException("No streams here.")
                : base.SendAsync(request, cancellationToken);
    }
}
