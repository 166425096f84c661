using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Sessions;

[Collection(ServiceGroup.Name)]
public sealed class AdmissionTests(ServiceFixture service)
{
    [Fact]
    public async Task Estimate_OfASession_SaysWhatItTakes()
    {
        var estimate = await service.Client.EstimateAsync(SmallModel.Spec());
        var session = await service.Client.CreateSessionAsync(SmallModel.Spec());

        Assert.Null(estimate.Refusal);
        Assert.Equal((session.StateBytes, 16ul * 4, 16ul * 28), (estimate.StateBytes, estimate.StagingBytes, estimate.StepBytes));
        Assert.InRange(estimate.StepTime, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1));
        Assert.InRange(estimate.FreeBytes, 1ul, ulong.MaxValue);
    }

    [Fact]
    public async Task Estimate_OfWhatDoesNotFit_SaysWhy()
    {
        var estimate = await service.Client.EstimateAsync(new SessionSpec { Tensors = [new TensorSpec("t", [1L << 55])] });

        Assert.Contains("Limits:MemoryBytes", estimate.Refusal, StringComparison.Ordinal);
        Assert.Contains("too few", estimate.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Estimate_SettingsThatKerasRefuses_AreRefused() => await Assert.ThrowsAsync<InvalidOptimizerException>(
        () => service.Client.EstimateAsync(SmallModel.Spec(new AdamSettings { ClipNorm = 1, ClipValue = 1 })));

    [Fact]
    public async Task CreateSession_WithLimits_KeepsThem()
    {
        var limits = new SessionLimits { WorkersMax = 3, QueuedBatchesMax = 2, IdleTimeout = TimeSpan.FromHours(1.5) };

        var session = await service.Client.CreateSessionAsync(SmallModel.Spec() with { Limits = limits });
        var without = await service.Client.CreateSessionAsync(SmallModel.Spec());

        Assert.Equal(limits, session.Limits);
        Assert.Equal(session.LastUsedTime + TimeSpan.FromHours(1.5), session.ExpireTime);
        Assert.Equal((256, 16, null), (without.Limits.WorkersMax!.Value, without.Limits.QueuedBatchesMax!.Value, without.ExpireTime));
    }

    [Fact]
    public async Task CreateSession_MoreThanTheServiceAllows_NamesTheOption()
    {
        var refusal = await Assert.ThrowsAsync<LimitExceededException>(
            () => service.Client.CreateSessionAsync(SmallModel.Spec() with { Limits = new SessionLimits { WorkersMax = 1000 } }));

        Assert.Equal("Limits:WorkersPerSessionMax", refusal.Option);
    }

    [Fact]
    public async Task DeleteSessions_ByLabel_EndsThem()
    {
        var labels = new Dictionary<string, string> { ["bulk"] = Guid.NewGuid().ToString() };
        var one = await service.Client.CreateSessionAsync(SmallModel.Spec() with { Labels = labels });
        var other = await service.Client.CreateSessionAsync(SmallModel.Spec() with { Labels = labels });
        var kept = await service.Client.CreateSessionAsync(SmallModel.Spec());

        var deleted = await service.Client.DeleteSessionsAsync(labels);

        Assert.Equal(2ul, deleted);
        await Assert.ThrowsAsync<SessionNotFoundException>(() => service.Client.GetSessionAsync(one.Id));
        await Assert.ThrowsAsync<SessionNotFoundException>(() => service.Client.GetSessionAsync(other.Id));
        await service.Client.GetSessionAsync(kept.Id);
        await Assert.ThrowsAsync<ArgumentException>(() => service.Client.DeleteSessionsAsync(new Dictionary<string, string>()));
    }
}
