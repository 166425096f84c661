using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.ControlPlane;

/// <summary>Keras's serialised optimizers: taken in place of the typed settings, and given back.</summary>
public sealed class KerasConfigTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private const string Json =
        """{"module": "keras.optimizers", "class_name": "LossScaleOptimizer", "config": {"name": "lso", "inner_optimizer": {"module": """
        + """ "keras.optimizers", "class_name": "AdamW", "config": {"name": "adam_w", "learning_rate": 0.01, "weight_decay": 0.004, """
        + """ "amsgrad": true}, "registered_name": null}, "initial_scale": 8.0, "dynamic_growth_steps": 3}, "registered_name": null}""";

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task CreateSession_KerasConfig_IsTheOptimizer()
    {
        var session = await _service.CreateAsync(Request(Json));

        var group = Assert.Single(session.Optimizer.Groups);
        Assert.Equal((0.01, 0.004, true, "adam_w"), (group.LearningRate.Value, group.WeightDecay, group.Amsgrad, group.Name));
        Assert.Equal((8.0, 3), (session.Optimizer.LossScale.Dynamic.InitialScale, session.Optimizer.LossScale.Dynamic.DynamicGrowthSteps));
        Assert.Equal((8f, 0L, 0ul), (session.LossScale.Scale, session.LossScale.StepCounter, session.LossScale.SkippedSteps));
    }

    [Fact]
    public async Task GetSession_KerasConfig_CarriesTheRateInForceAndComesBackTheSame()
    {
        await _service.CreateAsync(Request(Json));
        var written = (await _service.SetRateAsync(_id, new LearningRate { Value = 0.5 })).KerasConfigJson;

        var again = await _service.CreateAsync(Request(written, Requests.NewId()));

        Assert.Contains("\"learning_rate\": 0.5,", written, StringComparison.Ordinal);
        Assert.Equal(written, again.KerasConfigJson);
    }

    [Fact]
    public async Task CreateSession_KerasConfigBesideTypedFields_IsInvalid()
    {
        var request = Request(Json);
        request.Optimizer.Groups.Add(new AdamConfig());

        Assert.Equal(["optimizer.keras_config_json"], (await RefuseAsync(request)).Fields);
    }

    [Fact]
    public async Task CreateSession_KerasConfigThatKerasRefuses_HasKerasWords()
    {
        var refusal = await RefuseAsync(Request(Json.Replace("0.01", "1", StringComparison.Ordinal)));

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        Assert.Contains("Argument `learning_rate` should be float", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetSession_SeveralGroups_HasNoKerasForm()
    {
        var request = Requests.Create(_id, [1f]);
        request.Optimizer.Groups.Add(new AdamConfig());

        Assert.Empty((await _service.CreateAsync(request)).KerasConfigJson);
    }

    private CreateSessionRequest Request(string json, string? id = null)
    {
        var request = Requests.Create(id ?? _id, [1f]);
        request.Optimizer = new OptimizerConfig { KerasConfigJson = json };
        return request;
    }

    private Task<Refusal> RefuseAsync(CreateSessionRequest request) =>
        Refusal.OfAsync(async () => await _service.Sessions.CreateSessionAsync(request, TestService.Call()));
}
