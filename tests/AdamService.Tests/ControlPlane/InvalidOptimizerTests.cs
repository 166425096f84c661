using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.ControlPlane;

/// <summary>Settings that Keras refuses are refused in Keras's words.</summary>
public sealed class InvalidOptimizerTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private readonly TestService _service = fixture.Service;

    public static TheoryData<string, string, OptimizerConfig> Refused => new()
    {
        {
            "optimizer.gradient_accumulation_steps",
            "`gradient_accumulation_steps` must be an integer >= 2. Received: gradient_accumulation_steps=1",
            new OptimizerConfig { GradientAccumulationSteps = 1 }
        },
        {
            "optimizer.groups[0].name",
            "Argument `name` must be a string and cannot contain character `/`. Received: name=a/b",
            Of(new AdamConfig { Name = "a/b" })
        },
        {
            "optimizer.groups[0].ema_momentum",
            "`ema_momentum` must be in the range [0, 1]. Received: ema_momentum=1.5",
            Of(new AdamConfig { UseEma = true, EmaMomentum = 1.5 })
        },
        {
            "optimizer.groups[0].ema_overwrite_frequency",
            "`ema_overwrite_frequency` must be an integer >= 1 or None. Received: ema_overwrite_frequency=-1",
            Of(new AdamConfig { UseEma = true, EmaOverwriteFrequency = -1 })
        },
        {
            "optimizer.groups[0].global_clipnorm",
            "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set. Received: clipnorm=1.0, clipvalue=None, "
            + "global_clipnorm=2.0",
            Of(new AdamConfig { Clipnorm = 1, GlobalClipnorm = 2 })
        },
        {
            "optimizer.groups[0].learning_rate.decay_steps",
            "Argument `decay_steps` must be > 0. Received: decay_steps=0",
            Of(new AdamConfig
            {
                LearningRate = new LearningRate
                {
                    Schedule = new LearningRateSchedule
                    {
                        ExponentialDecay = new ExponentialDecay { InitialLearningRate = 0.1, DecayRate = 0.5, DecaySteps = 0 },
                    },
                },
            })
        },
    };

    [Fact]
    public async Task CreateSession_LossScaleOfNoKind_IsRefused()
    {
        var refusal = await RefuseAsync(new OptimizerConfig { LossScale = new LossScale() });

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        Assert.Equal(["optimizer.loss_scale"], refusal.Fields);
    }

    [Fact]
    public async Task CreateSession_ScheduleOfTooManyBoundaries_IsRefused()
    {
        var piecewise = new PiecewiseConstantDecay
        {
            Boundaries = { Enumerable.Range(1, 1001).Select(step => (double)step) },
            Values = { Enumerable.Repeat(0.1, 1002) },
        };
        var rate = new LearningRate { Schedule = new LearningRateSchedule { PiecewiseConstantDecay = piecewise } };

        var refusal = await RefuseAsync(Of(new AdamConfig { LearningRate = rate }));

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        Assert.Equal(["optimizer.groups[0].learning_rate.schedule.piecewise_constant_decay.boundaries"], refusal.Fields);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task CreateSession_WhatKerasRefuses_IsRefusedInItsWords(string field, string message, OptimizerConfig optimizer)
    {
        var refusal = await RefuseAsync(optimizer);

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidOptimizer);
        Assert.Equal([field], refusal.Fields);
        Assert.Equal($"{field}: {message}", refusal.Message);
    }

    [Fact]
    public async Task CreateSession_SeveralFaults_AreAllNamed()
    {
        var optimizer = Of(new AdamConfig
        {
            UseEma = true,
            EmaMomentum = -1,
            Clipnorm = 1,
            Clipvalue = 1,
            ExcludeFromWeightDecay = { "(", "(?=x)" },
        });
        optimizer.GradientAccumulationSteps = -3;

        var refusal = await RefuseAsync(optimizer);

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidOptimizer);
        Assert.Equal(
            [
                "optimizer.gradient_accumulation_steps",
                "optimizer.groups[0].ema_momentum",
                "optimizer.groups[0].clipvalue",
                "optimizer.groups[0].exclude_from_weight_decay",
                "optimizer.groups[0].exclude_from_weight_decay",
            ],
            refusal.Fields);
    }

    [Fact]
    public async Task CreateSession_TooManyOrTooLongPatterns_AreRefused()
    {
        var tooLong = await RefuseAsync(Of(new AdamConfig { ExcludeFromWeightDecay = { new string('a', 257) } }));
        var tooMany = await RefuseAsync(Of(new AdamConfig { ExcludeFromWeightDecay = { Enumerable.Repeat("a", 65) } }));

        Assert.Equal(["optimizer.groups[0].exclude_from_weight_decay"], tooLong.Fields);
        Assert.Equal(["optimizer.groups[0].exclude_from_weight_decay"], tooMany.Fields);
    }

    [Fact]
    public async Task CreateSession_ScheduleWithoutItsArguments_NamesThem()
    {
        var schedule = new LearningRateSchedule { PolynomialDecay = new PolynomialDecay() };

        var refusal = await RefuseAsync(Of(new AdamConfig { LearningRate = new LearningRate { Schedule = schedule } }));

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        Assert.Equal(
            [
                "optimizer.groups[0].learning_rate.schedule.polynomial_decay.initial_learning_rate",
                "optimizer.groups[0].learning_rate.schedule.polynomial_decay.decay_steps",
            ],
            refusal.Fields);
    }

    [Fact]
    public async Task CreateSession_RateFromNowhere_IsInvalid()
    {
        var nothing = await RefuseAsync(Of(new AdamConfig { LearningRate = new LearningRate() }));
        var noKind = await RefuseAsync(Of(new AdamConfig { LearningRate = new LearningRate { Schedule = new LearningRateSchedule() } }));

        Assert.Equal(["optimizer.groups[0].learning_rate"], nothing.Fields);
        Assert.Equal(["optimizer.groups[0].learning_rate.schedule"], noKind.Fields);
    }

    private static OptimizerConfig Of(AdamConfig group) => new() { Groups = { group } };

    private Task<Refusal> RefuseAsync(OptimizerConfig optimizer)
    {
        var request = Requests.Create(Requests.NewId(), [1f]);
        request.Optimizer = optimizer;
        return Refusal.OfAsync(async () => await _service.Sessions.CreateSessionAsync(request, TestService.Call()));
    }
}
