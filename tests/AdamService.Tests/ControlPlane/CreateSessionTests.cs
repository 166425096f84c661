using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.ControlPlane;

/// <summary>Making sessions: what comes back.</summary>
public sealed class CreateSessionTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = Floats.Random(6, 1);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task CreateSession_Defaults_AreFilledIn()
    {
        var created = await _service.CreateAsync(new CreateSessionRequest
        {
            SessionId = _id,
            Tensors = { new TensorSpec { Name = "dense/kernel", Shape = { 2, 3 } } },
            Labels = { ["team"] = "vision" },
        });
        var session = await _service.GetAsync(_id);

        session.LastUsedTime = created.LastUsedTime;
        Assert.Equal(created, session);
        Assert.Equal(16, session.SessionUid.Length);
        Assert.True(session.CreateTime <= session.LastUsedTime);
        (session.SessionUid, session.CreateTime, session.LastUsedTime) = (Google.Protobuf.ByteString.Empty, null, null);
        var expected = new V1.Session
        {
            SessionId = _id,
            Generation = 1,
            Version = 1,
            State = SessionState.Created,
            Optimizer = new OptimizerConfig
            {
                Groups =
                {
                    new AdamConfig
                    {
                        LearningRate = new LearningRate { Value = 0.001 },
                        Beta1 = 0.9,
                        Beta2 = 0.999,
                        Epsilon = 1e-7,
                        Amsgrad = false,
                        UseEma = false,
                        EmaMomentum = 0.99,
                        Name = "adam",
                    },
                },
                UpdateRule = UpdateRule.KerasAdam,
                NonFinitePolicy = NonFinitePolicy.Propagate,
                ClipScope = ClipScope.Group,
            },
            Tensors =
            {
                new TensorSpec
                {
                    Name = "dense/kernel",
                    Shape = { 2, 3 },
                    Dtype = DType.Float32,
                    GradientDtype = DType.Float32,
                    Role = TensorRole.Trainable,
                    RowUpdates = RowUpdates.Dense,
                },
            },
            Groups = { new GroupStatus { LearningRate = 0.001f } },
            Labels = { ["team"] = "vision" },
            Durability = new V1.Durability { Tier = DurabilityTier.Memory },
            Limits = new SessionLimits { WorkersMax = 256, QueuedBatchesMax = 16 },
            StateBytes = 3 * 64,
            KerasConfigJson = Engine.KerasOptimizerJson.Export(new Engine.OptimizerOptions()),
            KerasExact = true,
            MaxChunkBytes = 1 << 20,
            UninitializedTensors = { 0 },
        };
        Assert.Equal(expected, session);
    }

    [Fact]
    public async Task CreateSession_EverySetting_IsReportedAsItWasGiven()
    {
        var settings = new AdamConfig
        {
            LearningRate = new LearningRate { Value = 0.01 },
            Beta1 = 0.8,
            Beta2 = 0.95,
            Epsilon = 1e-3,
            Amsgrad = true,
            WeightDecay = 0,
            GlobalClipnorm = 3,
            UseEma = true,
            EmaMomentum = 0.5,
            EmaOverwriteFrequency = 7,
            Name = "fast",
            ExcludeFromWeightDecay = { "bias", "gamma" },
        };
        var request = Requests.Create(_id, settings, Initial);
        request.Optimizer.GradientAccumulationSteps = 4;
        request.Optimizer.LossScale = new LossScale { StaticFactor = 1024 };

        var session = await _service.CreateAsync(request);

        var expected = request.Optimizer.Clone();
        expected.UpdateRule = UpdateRule.KerasAdam;
        expected.NonFinitePolicy = NonFinitePolicy.Propagate;
        expected.ClipScope = ClipScope.Group;
        Assert.Equal(expected, session.Optimizer);
        Assert.Equal(6ul * 64, session.StateBytes);
        Assert.Equal(SessionState.Ready, session.State);
        using var stream = await TrainClient.OpenAsync(_service, _id);
        Assert.Equal(1024, stream.Opened.LossScale);
    }

    [Fact]
    public async Task CreateSession_WithoutId_MakesOneEachTime()
    {
        var request = Requests.Create("", Initial);

        var one = await _service.CreateAsync(request);
        var two = await _service.CreateAsync(request);

        Assert.NotEqual(one.SessionId, two.SessionId);
        Assert.Matches("^[0-9a-f]{32}$", one.SessionId);
    }
}
