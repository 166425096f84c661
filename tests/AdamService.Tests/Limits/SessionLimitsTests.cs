using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Adam.Service.Tests.Limits;

/// <summary>The bounds that a session sets for itself: within the service's, kept, shown, in force.</summary>
public sealed class SessionLimitsTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    public static TheoryData<string, string, Action<SessionLimits>> TooMuch => new()
    {
        { "WorkersPerSessionMax", "256", limits => limits.WorkersMax = 257 },
        { "WorkersPerSessionMax", "256", limits => limits.WorkersMax = ulong.MaxValue },
        { "QueuedPerSessionMax", "16", limits => limits.QueuedBatchesMax = 17 },
        { "QueuedPerSessionMax", "16", limits => limits.QueuedBatchesMax = ulong.MaxValue },
    };

    public static TheoryData<string, Action<SessionLimits>> Senseless => new()
    {
        { "limits.workers_max", limits => limits.WorkersMax = 0 },
        { "limits.queued_batches_max", limits => limits.QueuedBatchesMax = 0 },
        { "limits.idle_timeout", limits => limits.IdleTimeout = new Duration() },
        { "limits.idle_timeout", limits => limits.IdleTimeout = new Duration { Nanos = 999_999 } },
        { "limits.idle_timeout", limits => limits.IdleTimeout = new Duration { Seconds = -1 } },
        { "limits.idle_timeout", limits => limits.IdleTimeout = new Duration { Seconds = 315_360_001 } },
        { "limits.idle_timeout", limits => limits.IdleTimeout = new Duration { Seconds = long.MaxValue, Nanos = -1 } },
        { "limits.idle_timeout", limits => limits.IdleTimeout = new Duration { Seconds = 1, Nanos = 1_000_000_000 } },
    };

    [Fact]
    public async Task CreateSession_OwnLimits_AreKeptAndShown()
    {
        var own = new SessionLimits { WorkersMax = 256, QueuedBatchesMax = 1, IdleTimeout = new Duration { Seconds = 315_360_000 } };

        var created = await _service.CreateAsync(Create(own));
        var got = await _service.GetAsync(_id);

        Assert.Equal(own, created.Limits);
        Assert.Equal(own, got.Limits);
        Assert.Equal(got.LastUsedTime.ToDateTimeOffset().AddSeconds(315_360_000), got.ExpireTime.ToDateTimeOffset());
    }

    [Fact]
    public async Task CreateSession_NoOwnLimits_ShowsTheServices()
    {
        var created = await _service.CreateAsync(Create(new SessionLimits()));

        Assert.Equal(new SessionLimits { WorkersMax = 256, QueuedBatchesMax = 16 }, created.Limits);
        Assert.Null(created.ExpireTime);
    }

    [Theory]
    [MemberData(nameof(TooMuch))]
    public async Task CreateSession_MoreThanTheServiceAllows_IsRefusedWithItsOption(string option, string value, Action<SessionLimits> set)
    {
        var refusal = await RefuseAsync(set);

        refusal.AssertIs(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded);
        Assert.Equal((option, value, $"Limits:{option}"), (refusal.Metadata["limit"], refusal.Metadata["value"], refusal.Metadata["option"]));
    }

    [Theory]
    [MemberData(nameof(Senseless))]
    public async Task CreateSession_SenselessLimit_IsInvalid(string field, Action<SessionLimits> set)
    {
        var refusal = await RefuseAsync(set);

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        Assert.Equal([field], refusal.Fields);
    }

    [Fact]
    public async Task CreateSession_LongerIdleTimeThanTheServices_IsRefusedAndAShorterOneIsNot()
    {
        await using var service = await TestService.StartAsync(("Limits:IdleSeconds", "3600"));

        var refusal = await Refusal.OfAsync(
            StatusCode.ResourceExhausted,
            ErrorReason.LimitExceeded,
            () => service.CreateAsync(Create(new SessionLimits { IdleTimeout = new Duration { Seconds = 3600, Nanos = 100 } })));
        var equal = await service.CreateAsync(Create(new SessionLimits { IdleTimeout = new Duration { Seconds = 3600 } }));
        var without = await service.CreateAsync(Requests.Create("without", [1f]));

        Assert.Equal("Limits:IdleSeconds", refusal.Metadata["option"]);
        Assert.Equal(new Duration { Seconds = 3600 }, equal.Limits.IdleTimeout);
        Assert.Equal(new Duration { Seconds = 3600 }, without.Limits.IdleTimeout);
        Assert.Equal(without.LastUsedTime.ToDateTimeOffset().AddHours(1), without.ExpireTime.ToDateTimeOffset());
    }

    [Fact]
    public async Task Train_OneWorkerMoreThanTheSessionAllows_IsRefusedWithTheSessionsLimit()
    {
        await _service.CreateAsync(Create(new SessionLimits { WorkersMax = 1 }));
        using var one = await TrainClient.OpenAsync(_service, _id, "one");

        var refusal = await Refusal.OfAsync(
            StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => TrainClient.OpenAsync(_service, _id, "two"));

        Assert.Equal(("workers_max", "1", "limits.workers_max"), (refusal.Metadata["limit"], refusal.Metadata["value"], refusal.Metadata["option"]));
    }

    [Fact]
    public async Task GetSession_WhileAWorkerIsConnected_HasNoExpireTime()
    {
        await _service.CreateAsync(Create(new SessionLimits { IdleTimeout = new Duration { Seconds = 1000 } }));
        var stream = await TrainClient.OpenAsync(_service, _id);

        Assert.Null((await _service.GetAsync(_id)).ExpireTime);
        await stream.CloseAsync();
        stream.Dispose();

        await Eventually.EqualAsync(true, async () => (await _service.GetAsync(_id)).ExpireTime is not null);
        var closed = await _service.GetAsync(_id);
        Assert.True(closed.LastUsedTime > closed.CreateTime);
    }

    [Fact]
    public async Task Session_NotUsedForItsTime_IsGone()
    {
        await using var service = await TestService.StartAsync();
        await service.CreateAsync(Create(new SessionLimits { IdleTimeout = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(200)) }));

        await Eventually.EqualAsync(0L, () => service.Memory.ReservedBytes);

        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => service.GetAsync(_id));
        await service.CreateAsync(Create(new SessionLimits()));
    }

    private CreateSessionRequest Create(SessionLimits limits)
    {
        var request = Requests.Create(_id, [1f, 2f]);
        request.Limits = limits;
        return request;
    }

    private Task<Refusal> RefuseAsync(Action<SessionLimits> set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var limits = new SessionLimits();
        set(limits);
        return Refusal.OfAsync(async () => await _service.Sessions.CreateSessionAsync(Create(limits), TestService.Call()));
    }
}
