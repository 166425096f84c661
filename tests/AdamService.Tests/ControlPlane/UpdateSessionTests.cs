using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Adam.Service.Tests.ControlPlane;

public sealed class UpdateSessionTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly LearningRate Schedule = new()
    {
        Schedule = new LearningRateSchedule
        {
            ExponentialDecay = new ExponentialDecay { InitialLearningRate = 0.5, DecaySteps = 10, DecayRate = 0.9, Staircase = false },
        },
    };

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task UpdateSession_Rate_TakesEffectWithTheNextStep()
    {
        await CreateAsync();

        var session = await _service.SetRateAsync(_id, new LearningRate { Value = 0.25 });
        var step = await _service.StepAsync(Requests.Step(_id, "w", Requests.Begin(1), [1f]));

        Assert.Equal((2ul, 0.25f), (session.Version, session.Groups[0].LearningRate));
        Assert.Equal(0.25, session.Optimizer.Groups[0].LearningRate.Value);
        Assert.Equal((3ul, 0.25f), (step.Result.Version, step.Result.Metrics.LearningRate));
    }

    [Fact]
    public async Task UpdateSession_Schedule_ReplacesAValueAndAnotherSchedule()
    {
        await CreateAsync();

        var scheduled = await _service.SetRateAsync(_id, Schedule);
        var other = Schedule.Clone();
        other.Schedule.ExponentialDecay.InitialLearningRate = 0.125;
        var again = await _service.SetRateAsync(_id, other);

        Assert.Equal(Schedule, scheduled.Optimizer.Groups[0].LearningRate);
        Assert.Equal(other, again.Optimizer.Groups[0].LearningRate);
        Assert.Equal(0.125f, again.Groups[0].LearningRate);
    }

    [Fact]
    public async Task UpdateSession_ValueWhileAScheduleIsActive_NeedsReplaceSchedule()
    {
        await CreateAsync();
        await _service.SetRateAsync(_id, Schedule);

        var refusal = await Refusal.OfAsync(
            StatusCode.FailedPrecondition, ErrorReason.ScheduleActive, () => _service.SetRateAsync(_id, new LearningRate { Value = 1 }));
        var before = await _service.GetAsync(_id);
        var replaced = await _service.SetRateAsync(_id, new LearningRate { Value = 1 }, replaceSchedule: true);

        Assert.StartsWith("This optimizer was created with a `LearningRateSchedule` object", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((2ul, 0.5f), (before.Version, before.Groups[0].LearningRate));
        Assert.Equal((3ul, 1f), (replaced.Version, replaced.Groups[0].LearningRate));
    }

    [Fact]
    public async Task UpdateSession_Labels_AreReplacedAsAWhole()
    {
        await CreateAsync();

        var session = await UpdateAsync(new SessionUpdate { Labels = { ["new"] = "1" } }, "labels");

        Assert.Equal(new Dictionary<string, string> { ["new"] = "1" }, session.Labels);
        Assert.Equal(0.001f, session.Groups[0].LearningRate);
        Assert.Equal(2ul, session.Version);
    }

    [Fact]
    public async Task UpdateSession_WhatTheMaskDoesNotName_IsNotRead()
    {
        await CreateAsync();
        var badLabels = new SessionUpdate { LearningRate = new LearningRate { Value = 1 }, Labels = { [""] = "" } };
        var badRate = new SessionUpdate { Labels = { ["new"] = "1" }, LearningRate = new LearningRate { Supplied = new SuppliedLearningRate() }, Group = 9 };

        var rateOnly = await UpdateAsync(badLabels, "learning_rate");
        var labelsOnly = await UpdateAsync(badRate, "labels");

        Assert.Equal("1", rateOnly.Labels["old"]);
        Assert.Equal(1f, labelsOnly.Groups[0].LearningRate);
    }

    public static TheoryData<string, SessionUpdate, string[]> Bad => new()
    {
        { "update_mask", new SessionUpdate(), [] },
        { "update_mask", new SessionUpdate { LearningRate = new LearningRate { Value = 1 } }, ["learning_rate", "optimizer"] },
        { "update_mask,update_mask", new SessionUpdate(), ["beta_1", "Labels"] },
        { "update.learning_rate", new SessionUpdate(), ["learning_rate"] },
        { "update.learning_rate", new SessionUpdate { LearningRate = new LearningRate() }, ["learning_rate"] },
        { "update.group", new SessionUpdate { LearningRate = new LearningRate { Value = 1 }, Group = 1 }, ["learning_rate"] },
        { "update.labels[]", new SessionUpdate { LearningRate = new LearningRate { Value = 1 }, Labels = { [""] = "" } }, ["labels", "learning_rate"] },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task UpdateSession_BadRequest_NamesTheFieldsAndChangesNothing(string fields, SessionUpdate update, string[] mask)
    {
        var created = await CreateAsync();

        var refusal = await Refusal.OfAsync(StatusCode.InvalidArgument, ErrorReason.InvalidField, () => UpdateAsync(update, mask));

        Assert.Equal(fields, refusal.Metadata["fields"]);
        await AssertUnchangedAsync(created);
    }

    [Fact]
    public async Task UpdateSession_ScheduleThatKerasRefuses_ChangesNothing()
    {
        var created = await CreateAsync();
        var bad = Schedule.Clone();
        bad.Schedule.ExponentialDecay.DecaySteps = -1;
        var update = new SessionUpdate { LearningRate = bad, Labels = { ["new"] = "1" } };

        await Refusal.OfAsync(StatusCode.InvalidArgument, ErrorReason.InvalidOptimizer, () => UpdateAsync(update, "labels", "learning_rate"));

        await AssertUnchangedAsync(created);
    }

    private Task<V1.Session> CreateAsync()
    {
        var request = Requests.Create(_id, [1f]);
        request.Labels["old"] = "1";
        return _service.CreateAsync(request);
    }

    private async Task<V1.Session> UpdateAsync(SessionUpdate update, params string[] mask)
    {
        var request = new UpdateSessionRequest
        {
            Session = Requests.Ref(_id), Update = update, UpdateMask = new FieldMask { Paths = { mask } },
        };
        return (await _service.Sessions.UpdateSessionAsync(request, TestService.Call())).Session;
    }

    private async Task AssertUnchangedAsync(V1.Session created)
    {
        var now = await _service.GetAsync(_id);
        now.LastUsedTime = created.LastUsedTime;
        Assert.Equal(created, now);
    }
}
