using Adam.Engine;
using Adam.Service.ControlPlane;
using Adam.Service.Durability;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Storage.Safetensors;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Durability;

/// <summary>A session that went through a file goes on as if it had not.</summary>
public sealed class RoundTripTests : IDisposable
{
    private readonly SessionLab _lab = new();
    private readonly SimulatedDisk _disk = new();
    private readonly FileSystem _files;

    public RoundTripTests() => _files = new FileSystem(_disk);

    public static TheoryData<string> Cases => [.. Requests.Keys];

    private static Dictionary<string, Func<CreateSessionRequest>> Requests { get; } = new()
    {
        ["plain"] = () => Plain(new OptimizerConfig()),
        ["amsgrad"] = () => Plain(Of(new AdamConfig { Amsgrad = true, WeightDecay = 0.01 })),
        ["ema"] = () => Plain(Of(new AdamConfig { UseEma = true, EmaMomentum = 0.9, EmaOverwriteFrequency = 4 })),
        ["accumulation"] = () => Plain(new OptimizerConfig { GradientAccumulationSteps = 4 }),
        ["dynamic loss scale"] = () => Plain(new OptimizerConfig
        {
            LossScale = new LossScale { Dynamic = new V1.DynamicLossScale { InitialScale = 1024, DynamicGrowthSteps = 3 } },
        }),
        ["schedule"] = () => Plain(Of(new AdamConfig
        {
            LearningRate = new V1.LearningRate
            {
                Schedule = new V1.LearningRateSchedule { CosineDecay = new V1.CosineDecay { InitialLearningRate = 0.1, DecaySteps = 12 } },
            },
        })),
        ["keras text"] = () => Plain(new OptimizerConfig
        {
            KerasConfigJson = """{"module":"keras.optimizers","class_name":"Adam","config":{"learning_rate":0.01,"beta_1":0.8},"registered_name":null}""",
            NonFinitePolicy = V1.NonFinitePolicy.Skip,
        }),
        ["groups"] = () =>
        {
            var request = Plain(new OptimizerConfig
            {
                Groups = { new AdamConfig { Beta1 = 0.5, ExcludeFromWeightDecay = { "b" }, WeightDecay = 0.1 }, new AdamConfig { Amsgrad = true } },
                ClipScope = V1.ClipScope.Session,
            });
            request.Tensors[1].Group = 1;
            return request;
        },
        ["float16"] = () => With(tensor => tensor.Dtype = DType.Float16),
        ["lazy rows"] = () =>
        {
            var request = Plain(new OptimizerConfig());
            request.Tensors.Add(new TensorSpec { Name = "rows", Shape = { 4, 3 }, RowUpdates = V1.RowUpdates.Lazy });
            request.InitialValues.Add(Support.Requests.Data(2, Floats.Random(12, 9)));
            return request;
        },
        ["frozen and buffers"] = () =>
        {
            var request = Plain(new OptimizerConfig());
            request.Tensors.Add(new TensorSpec { Name = "frozen", Shape = { 2 }, Role = TensorRole.Frozen });
            request.Tensors.Add(new TensorSpec { Name = "buffer", Shape = { }, Role = TensorRole.Buffer });
            request.InitialValues.Add(Support.Requests.Data(2, [1, 2]));
            request.InitialValues.Add(Support.Requests.Data(3, [7]));
            return request;
        },
        ["aliases and empty tensors"] = () =>
        {
            var request = Plain(new OptimizerConfig());
            request.Tensors[0].Aliases.Add("other/name");
            request.Tensors.Add(new TensorSpec { Name = "empty", Shape = { 0, 3 } });
            request.Tensors[1].Constraint = new Constraint { NonNeg = new V1.NonNegConstraint() };
            return request;
        },
        ["names that collide"] = () =>
        {
            var request = Plain(new OptimizerConfig());
            request.Tensors[0].Name = "x";
            request.Tensors[1].Name = "x/m";
            return request;
        },
    };

    public void Dispose() => _lab.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Session_ThroughAFile_GoesOnWithTheSameBits(string which)
    {
        var session = _lab.Create(Requests[which]());
        await SessionLab.TrainAsync(session, 1, 6);
        await WriteAsync(session);

        var again = Read();

        Assert.Equal(await SessionLab.RecordAsync(session), await SessionLab.RecordAsync(again));
        Assert.Empty(RequestDifference.Between(session.Definition.Normalised, again.Definition.Normalised));
        await SessionLab.TrainAsync(session, 7, 6);
        await SessionLab.TrainAsync(again, 7, 6);
        var (expected, actual) = (await SessionLab.ArraysAsync(session), await SessionLab.ArraysAsync(again));
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, array => Assert.Equal(array.Value, actual[array.Key]));
        Assert.Equal(await SessionLab.RecordAsync(session), await SessionLab.RecordAsync(again));
    }

    [Fact]
    public async Task Session_WithSettingsThatWereChanged_HasThemAgain()
    {
        var session = _lab.Create(Requests["schedule"]());
        await session.RunAsync(
            core =>
            {
                core.Optimizer.Groups[0].SetLearningRate(Engine.LearningRate.Constant(0.25), replaceSchedule: true);
                core.SetLabels(core.Labels.Add("run", "7"));
                return core.NextVersion();
            },
            CancellationToken.None);
        await WriteAsync(session);

        var again = Read();

        var (rate, label) = await again.RunAsync(core => (core.Optimizer.Groups[0].CurrentLearningRate, core.Labels["run"]), CancellationToken.None);
        Assert.Equal((0.25f, "7"), (rate, label));
        Assert.Equal(session.Uid, again.Uid);
        Assert.Equal(session.CreateTime, again.CreateTime);
    }

    [Fact]
    public async Task Session_WithTensorsWithoutValues_StillWantsThem()
    {
        var request = Requests["plain"]();
        request.InitialValues.RemoveAt(1);
        await WriteAsync(_lab.Create(request));

        var uninitialized = await Read().RunAsync(core => core.Uninitialized.ToList(), CancellationToken.None);

        Assert.Equal([1], uninitialized);
    }

    [Fact]
    public async Task Worker_AfterALaterStart_HasEpochsAboveThoseOfEarlierOnes()
    {
        var session = _lab.Create(Requests["plain"]());
        await WriteAsync(session);
        var before = await session.RunAsync(core => core.Workers.Open("w", takeover: false, null, Google.Protobuf.ByteString.Empty).Epoch, CancellationToken.None);
        _lab.Starts.Starts = 3;

        var after = await Read().RunAsync(core => core.Workers.Open("w", takeover: false, null, Google.Protobuf.ByteString.Empty).Epoch, CancellationToken.None);

        Assert.Equal((1ul, (3ul << 32) + 1), (before, after));
    }

    [Fact]
    public async Task Copy_WithoutMemory_IsRefusedAndTakesNothing()
    {
        using var small = new SessionLab(1600);
        var session = small.Create(Requests["plain"]());
        var reserved = small.Budget.ReservedBytes;
        small.Budget.Reserve(1600 - reserved - 63, "What is left");

        var refused = await Assert.ThrowsAsync<Service.Errors.ServiceException>(() => small.CopyAsync(session));

        Assert.Equal(ErrorReason.LimitExceeded, refused.Reason);
        Assert.Equal(1600 - 63, small.Budget.ReservedBytes);
    }

    // Each byte changed in three ways, and each place cut: the numbers are right, or the file is refused with a place.
    [Fact]
    public async Task File_ThatIsCutOrGarbledAnywhere_IsRefusedOrRight()
    {
        var request = Plain(Of(new AdamConfig { Amsgrad = true }));
        var session = _lab.Create(request);
        await SessionLab.TrainAsync(session, 1, 2);
        await WriteAsync(session);
        var (intact, record, arrays) = (_disk["/file"], await SessionLab.RecordAsync(session), await SessionLab.ArraysAsync(session));
        var refused = 0;

        for (var place = 0; place < intact.Length; place++)
        {
            _disk["/file"] = intact[..place];
            Assert.Throws<Service.Storage.Safetensors.SafetensorsException>(() => Read());
            foreach (var flip in new byte[] { 0x01, 0x20, 0xff })
            {
                var garbled = (byte[])intact.Clone();
                garbled[place] ^= flip;
                _disk["/file"] = garbled;
                try
                {
                    var again = Read();
                    Assert.Equal(record, await SessionLab.RecordAsync(again));
                    Assert.All(await SessionLab.ArraysAsync(again), array => Assert.Equal(arrays[array.Key], array.Value));
                    await again.EndAsync(isLogged: false);
                }
                catch (Service.Storage.Safetensors.SafetensorsException)
                {
                    refused++;
                }
            }
        }

        // Nearly everything is found; what is not is the spelling of JSON.
        Assert.InRange(refused, intact.Length * 3 * 95 / 100, intact.Length * 3);
        Assert.Equal(session.Definition.StateBytes, _lab.Budget.ReservedBytes);
    }

    [Fact]
    public async Task File_WithMoreBehindIt_IsRefused()
    {
        await WriteAsync(_lab.Create(Requests["plain"]()));
        _disk["/file"] = [.. _disk["/file"], 0];

        Assert.Throws<Service.Storage.Safetensors.SafetensorsException>(() => Read());
    }

    [Fact]
    public async Task Names_OfSlotsThatAreTensors_AreOthers()
    {
        var session = _lab.Create(Requests["names that collide"]());
        await WriteAsync(session);

        using var file = _files.Open("/file", FileUse.Read);
        var names = StateFile.ReadHeader(file, null).File.Entries.Select(entry => entry.Name);

        Assert.Equal(["x", "x/m", "x/m#2", "x/m/m", "x/m/v", "x/v"], names.Order(StringComparer.Ordinal));
    }

    private async Task WriteAsync(SessionActor session)
    {
        using var copy = await _lab.CopyAsync(session);
        StateFile.Write(_files, "/file", StateImage.Of(copy, DateTimeOffset.UnixEpoch));
    }

    private SessionActor Read()
    {
        using var file = _files.Open("/file", FileUse.Read);
        var header = StateFile.ReadHeader(file, null);
        var definition = _lab.Factory.Define(header.State);
        return _lab.Factory.Make(definition, header.State, header.State.Generation, core => StateFile.ReadData(
            file, header, header.Begin(definition, array => core.Optimizer.Slot(array.Tensor, array.Slot))));
    }

    private static OptimizerConfig Of(AdamConfig settings) => new() { Groups = { settings } };

    private static CreateSessionRequest With(Action<TensorSpec> change)
    {
        var request = Plain(new OptimizerConfig());
        foreach (var tensor in request.Tensors)
        {
            change(tensor);
        }

        request.InitialValues.Clear();
        request.InitialValues.Add(Support.Requests.Data(0, Floats.Random(5, 1), DType.Float16));
        request.InitialValues.Add(Support.Requests.Data(1, Floats.Random(6, 2), DType.Float16));
        return request;
    }

    private static CreateSessionRequest Plain(OptimizerConfig optimizer) => new()
    {
        SessionId = "s",
        Optimizer = optimizer,
        Tensors = { new TensorSpec { Name = "a", Shape = { 5 } }, new TensorSpec { Name = "b", Shape = { 2, 3 } } },
        InitialValues = { Support.Requests.Data(0, Floats.Random(5, 1)), Support.Requests.Data(1, Floats.Random(6, 2)) },
        Labels = { ["purpose"] = "test" },
    };
}
