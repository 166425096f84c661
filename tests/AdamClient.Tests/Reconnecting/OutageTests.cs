using System.Diagnostics;
using Adam.Client.Tests.Support;
using Adam.Samples.DigitsTraining.Service;
using Grpc.Core;

namespace Adam.Client.Tests.Reconnecting;

/// <summary>Connections that are not to be had again at once, or never.</summary>
public sealed class OutageTests(SmallChunksFixture service) : IClassFixture<SmallChunksFixture>
{
    private static readonly IReadOnlyList<ReadOnlyTensorMemory> Gradients = SmallModel.ReadOnly(InterruptedModel.Gradients(1));

    [Fact]
    public async Task StepAsync_ConnectionsRefusedForAWhile_TriesAgain()
    {
        await using var cut = await CutSession.OpenAsync(service);
        cut.Proxy.Refuse(connections: 3);
        cut.Proxy.CutAll();

        var (results, weights) = await InterruptedModel.TrainAsync(cut.Session, 1);

        Assert.Equal((StepOutcome.Applied, 1L), (results[0].Outcome, results[0].Iterations));
        await cut.AssertAsUninterruptedAsync(1, weights);
    }

    [Fact]
    public async Task StepAsync_NoConnectionInTime_SaysWhyAndClosesTheSession()
    {
        await using var cut = await CutSession.OpenAsync(service, reconnectTimeout: TimeSpan.FromMilliseconds(100));
        cut.Proxy.Refuse();
        cut.Proxy.CutAll();

        var exception = await Assert.ThrowsAsync<AdamException>(() => cut.Session.StepAsync(Gradients));

        Assert.True(exception.IsTransient, exception.ToString());
        Assert.Contains("OpenOptions.ReconnectTimeout", exception.Message, StringComparison.Ordinal);
        Assert.IsType<AdamException>(exception.InnerException);
        Assert.False(cut.Session.IsOpen);
        await Assert.ThrowsAsync<InvalidOperationException>(() => cut.Session.StepAsync(Gradients));
    }

    [Fact]
    public async Task StepAsync_TimeoutZero_DoesNotReconnect()
    {
        await using var cut = await CutSession.OpenAsync(service, reconnectTimeout: TimeSpan.Zero);
        cut.Proxy.CutAll();

        var exception = await Assert.ThrowsAsync<AdamException>(() => cut.Session.StepAsync(Gradients));

        Assert.True(exception.IsTransient, exception.ToString());
        Assert.DoesNotContain("ReconnectTimeout", exception.Message, StringComparison.Ordinal);
        Assert.Equal((0, false), (cut.Session.Reconnects, cut.Session.IsOpen));
    }

    [Fact]
    public async Task StepAsync_BatchThatAlwaysBreaksTheConnection_EndsWithTheTime()
    {
        await using var cut = await CutSession.OpenAsync(service, reconnectTimeout: TimeSpan.FromSeconds(3));

        // Enough for the messages of opening, never for the batch.
        cut.Proxy.Arm([.. Enumerable.Repeat(new Cut(IsReply: false, InterruptedModel.ChunkBytes), 1000)]);

        var exception = await Assert.ThrowsAsync<AdamException>(() => cut.Session.StepAsync(Gradients));

        Assert.Contains("OpenOptions.ReconnectTimeout", exception.Message, StringComparison.Ordinal);
        Assert.True(cut.Session.Reconnects >= 1, $"{cut.Session.Reconnects}");
    }

    [Fact]
    public async Task StepAsync_CancelledWhileThereIsNoConnection_IsACancellation()
    {
        await using var cut = await CutSession.OpenAsync(service, reconnectTimeout: Timeout.InfiniteTimeSpan);
        using var source = new CancellationTokenSource();
        cut.Proxy.Refuse();
        cut.Proxy.CutAll();
        var step = cut.Session.StepAsync(Gradients, cancellationToken: source.Token);
        await cut.Proxy.Refused;

        await source.CancelAsync();
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => step);

        Assert.Equal(source.Token, exception.CancellationToken);
        Assert.False(cut.Session.IsOpen);
    }

    [Fact]
    public async Task DisposeAsync_WhileThereIsNoConnection_EndsAllSteps()
    {
        await using var cut = await CutSession.OpenAsync(service, reconnectTimeout: Timeout.InfiniteTimeSpan);
        cut.Proxy.Refuse();
        cut.Proxy.CutAll();
        Task<StepResult>[] steps = [cut.Session.StepAsync(Gradients), cut.Session.StepAsync(Gradients)];
        await cut.Proxy.Refused;

        await cut.Session.DisposeAsync();

        foreach (var step in steps)
        {
            Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<AdamException>(() => step)).StatusCode);
        }
    }

    [Fact]
    public async Task StepAsync_WorkerTakenOverMeanwhile_IsFencedAndTakesNothingBack()
    {
        await using var cut = await CutSession.OpenAsync(service);
        cut.Proxy.Refuse();
        cut.Proxy.CutAll();
        var step = cut.Session.StepAsync(Gradients);
        await cut.Proxy.Refused;
        await using var other = await service.Client.OpenSessionAsync(
            cut.Session.Reference, new OpenOptions { WorkerId = cut.Session.WorkerId, Takeover = true });

        cut.Proxy.Refuse(connections: 0);
        var exception = await Assert.ThrowsAsync<WorkerFencedException>(() => step);

        Assert.Equal(other.WorkerEpoch, exception.WorkerEpoch);
        Assert.Equal(StepOutcome.Applied, (await other.StepAsync(Gradients)).Outcome);
        Assert.Equal(0, other.Reconnects);
    }

    [Fact]
    public async Task StepAsync_ServiceKilledAndStartedAgain_SaysThatTheSessionIsGone()
    {
        await using var first = await ServiceProcess.StartAsync();
        await using var proxy = new CuttingProxy(first.Addresses.Grpc);
        await using var client = AdamClient.ForAddress(proxy.Address);
        var created = await client.CreateSessionAsync(InterruptedModel.Spec());
        await using var session = await client.OpenSessionAsync(created.Reference);
        await session.StepAsync(Gradients);
        proxy.Refuse();
        using var process = Process.GetProcessById(first.Addresses.ProcessId);
        process.Kill();
        await process.WaitForExitAsync();
        Task<StepResult>[] steps = [session.StepAsync(Gradients), session.StepAsync(Gradients)];
        await proxy.Refused;
        await using var second = await ServiceProcess.StartAsync();
        proxy.Target = second.Addresses.Grpc;
        proxy.Refuse(connections: 0);

        foreach (var step in steps)
        {
            var exception = await Assert.ThrowsAsync<SessionNotFoundException>(() => step);
            Assert.Contains("tier MEMORY", exception.Message, StringComparison.Ordinal);
            Assert.Contains($"version {session.Version}", exception.Message, StringComparison.Ordinal);
        }

        Assert.False(session.IsOpen);
    }
}
