using System.Globalization;
using Adam.Client.Internal;
using Adam.Client.Tests.Support;
using Adam.Engine;
using Google.Protobuf;
using Grpc.Net.Client;
using Microsoft.Win32.SafeHandles;

namespace Adam.Client.Tests.SharedMemory;

/// <summary>Shared memory from end to end: the SDK in this process, the service as a process of its own.</summary>
public sealed class SharedTensorsTests(SharedServiceFixture service) : IClassFixture<SharedServiceFixture>
{
    // Through /proc, as the same user.
    private const string NoSocket = "";

    private static readonly IReadOnlyList<TensorSpec> Tensors =
    [
        new("a", [300, 250]),
        new("frozen", [5]) { Role = TensorRole.Frozen },
        new("b", [11]) { DType = Client.TensorDType.Float16, GradientDType = Client.TensorDType.Float32 },
        new("c", [2, 0]),
        new("d", [4, 3]) { Constraint = new Client.MaxNormConstraint(0.5, 0) },
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StepAsync_SeveralSteps_HaveTheEnginesBits(bool throughProc)
    {
        var id = await CreateAsync(new OptimizerSettings { Groups = [new AdamSettings { AmsGrad = true, LearningRate = Client.LearningRate.Constant(0.01) }] });
        await using var session = await service.Client.OpenSessionAsync(id);
        using var shared = await session.OpenSharedMemoryAsync(throughProc ? NoSocket : null);
        using var engine = MakeEngine(new OptimizerOptions { Groups = [new AdamOptions { AmsGrad = true, LearningRate = Engine.LearningRate.Constant(0.01) }] });
        AssertWeights(engine, shared);

        for (var step = 1; step <= 4; step++)
        {
            FillGradients(session, shared, step);
            var result = await shared.StepAsync();
            Apply(engine, step);

            Assert.Equal(StepOutcome.Applied, result.Outcome);
            Assert.Equal((result.Version, step), (shared.Version, result.Iterations));
            AssertWeights(engine, shared);
        }
    }

    [Fact]
    public async Task StepAsync_ListedTensors_LeaveTheOthersAsTheyAre()
    {
        var id = await CreateAsync();
        await using var session = await service.Client.OpenSessionAsync(id);
        using var shared = await session.OpenSharedMemoryAsync();
        using var engine = MakeEngine();
        FillGradients(session, shared, 1);

        await Assert.ThrowsAsync<ArgumentException>(() => shared.StepAsync([1]));
        await Assert.ThrowsAsync<ArgumentException>(() => shared.StepAsync([0, 0]));
        await shared.StepAsync([4, 0]);

        Apply(engine, 1, 4, 0);
        AssertWeights(engine, shared);
    }

    [Fact]
    public async Task StepAsync_BesideStepsThatSend_IsOneSequence()
    {
        var id = await CreateAsync();
        await using var session = await service.Client.OpenSessionAsync(id);
        using var shared = await session.OpenSharedMemoryAsync();
        using var engine = MakeEngine();

        FillGradients(session, shared, 1);
        await shared.StepAsync(new StepOptions { ClientCursor = new byte[] { 7 } });
        Apply(engine, 1);
        Assert.Equal(7, Assert.Single(session.ClientCursor.ToArray()));
        var sent = await session.StepAsync([new TensorGradient(0, Values(Tensors[0].ElementCount, 5))]);
        using (var gradient = TensorBuffer.Of(Values(Tensors[0].ElementCount, 5)))
        {
            engine.Apply([new Gradient(0, gradient.View)]);
        }

        Assert.Equal(2UL, sent.Sequence);
        AssertWeights(engine, shared);
        var read = await service.Client.ReadTensorsAsync(id);
        Assert.Equal(sent.Version, read.Version);
        Assert.Equal(sent.Version, shared.Version);
    }

    [Theory]
    [InlineData(Client.NonFinitePolicy.Propagate)]
    [InlineData(Client.NonFinitePolicy.Skip)]
    [InlineData(Client.NonFinitePolicy.Reject)]
    public async Task StepAsync_ANan_IsTreatedByThePolicy(Client.NonFinitePolicy policy)
    {
        var id = await CreateAsync(new OptimizerSettings { NonFinitePolicy = policy });
        await using var session = await service.Client.OpenSessionAsync(id);
        using var shared = await session.OpenSharedMemoryAsync();
        using var engine = MakeEngine();
        FillGradients(session, shared, 1);
        shared.Gradient(0)[70_000] = float.NaN;

        var outcome = policy == Client.NonFinitePolicy.Reject ? StepOutcome.Rejected : (await shared.StepAsync()).Outcome;
        if (policy == Client.NonFinitePolicy.Reject)
        {
            var refusal = await Assert.ThrowsAsync<AdamException>(() => shared.StepAsync());
            Assert.Equal(AdamErrorReason.NonFiniteGradient, refusal.Reason);
            Assert.Equal(1UL, session.NextSequence);
        }

        var expected = policy switch
        {
            Client.NonFinitePolicy.Propagate => StepOutcome.Applied,
            Client.NonFinitePolicy.Skip => StepOutcome.Skipped,
            _ => StepOutcome.Rejected,
        };
        Assert.Equal(expected, outcome);
        Assert.Equal(policy == Client.NonFinitePolicy.Propagate, float.IsNaN(shared.Weight(0)[70_000]));
        if (policy != Client.NonFinitePolicy.Propagate)
        {
            AssertWeights(engine, shared);
            FillGradients(session, shared, 2);
            await shared.StepAsync();
            Apply(engine, 2);
            AssertWeights(engine, shared);
        }
    }

    [Fact]
    public async Task StepAsync_ClippedWithADigest_HasTheEnginesBits()
    {
        var id = await CreateAsync(new OptimizerSettings { Groups = [new AdamSettings { GlobalClipNorm = 0.1 }] });
        await using var session = await service.Client.OpenSessionAsync(id, new OpenOptions { Digest = true });
        using var shared = await session.OpenSharedMemoryAsync();
        using var engine = MakeEngine(new OptimizerOptions { Groups = [new AdamOptions { GlobalClipNorm = 0.1 }] });
        FillGradients(session, shared, 1);

        await shared.StepAsync();

        Apply(engine, 1);
        AssertWeights(engine, shared);
    }

    [Fact]
    public async Task Regions_WhateverTheClientTries_KeepTheirLengthAndTheWeights()
    {
        var id = await CreateAsync();
        await using var session = await service.Client.OpenSessionAsync(id);
        using var channel = GrpcChannel.ForAddress(service.Address);
        var opened = await OpenAsync(channel, session);
        var (gradients, weights) = await DescriptorExchange.RunAsync(
            opened.SocketPath, opened.Token, session.Reference.Uid, CancellationToken.None);
        using var engine = MakeEngine();
        using (gradients)
        using (weights)
        {
            AssertRefused(() => RandomAccess.SetLength(gradients, 0));
            AssertRefused(() => RandomAccess.SetLength(gradients, (long)opened.Gradients.Bytes * 2));
            AssertRefused(() => RandomAccess.Write(gradients, new byte[1], (long)opened.Gradients.Bytes));
            AssertRefused(() => RandomAccess.SetLength(weights, 0));
            AssertRefused(() => RandomAccess.Write(weights, new byte[8], 4096));
            AssertRefused(() => new SharedMapping(weights, opened.Weights.Bytes, writable: true).Dispose());
        }

        // The owner may open it for writing again; the seal holds all the same.
        foreach (var region in new[] { opened.Weights, opened.Gradients })
        {
            using var again = File.OpenHandle(region.DescriptorPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            AssertRefused(() => RandomAccess.SetLength(again, 4096));
            if (region == opened.Weights)
            {
                AssertRefused(() => RandomAccess.Write(again, new byte[8], 4096));
                AssertRefused(() => new SharedMapping(again, region.Bytes, writable: true).Dispose());
            }
        }

        using var shared = await session.OpenSharedMemoryAsync();
        AssertWeights(engine, shared);
        FillGradients(session, shared, 1);
        await shared.StepAsync();
        Apply(engine, 1);
        AssertWeights(engine, shared);
    }

    [Fact]
    public async Task Gradients_RewrittenWhileStepsRun_HarmNobodyElse()
    {
        var (own, other) = (await CreateAsync(new OptimizerSettings { NonFinitePolicy = Client.NonFinitePolicy.Skip }), await CreateAsync());
        await using var restless = await service.Client.OpenSessionAsync(own);
        using var scribbled = await restless.OpenSharedMemoryAsync();
        await using var quiet = await service.Client.OpenSessionAsync(other);
        using var shared = await quiet.OpenSharedMemoryAsync();
        using var engine = MakeEngine();
        using var stop = new CancellationTokenSource();
        var scribbling = Task.Run(() =>
        {
            for (var value = 0; !stop.IsCancellationRequested; value++)
            {
                // Every second time there is a NaN, so that what is checked is often not what is there a moment later.
                scribbled.Gradient(0).Fill(value % 2 == 0 ? 0.5f : float.NaN);
            }
        });

        for (var step = 1; step <= 20; step++)
        {
            Assert.Contains((await scribbled.StepAsync()).Outcome, new[] { StepOutcome.Applied, StepOutcome.Skipped });
            FillGradients(quiet, shared, step);
            await shared.StepAsync();
            Apply(engine, step);
        }

        await stop.CancelAsync();
        await scribbling;
        AssertWeights(engine, shared);

        // A step that was checked and then applied was of the same numbers.
        Assert.DoesNotContain(scribbled.Weight(0).ToArray(), float.IsNaN);
    }

    [Fact]
    public async Task Regions_OfAClientThatIsGone_AreGivenBack()
    {
        await service.WaitForRegionsAsync(service.CountRegions());
        var before = service.CountRegions();
        var id = await CreateAsync();
        var doomed = AdamClient.ForAddress(service.Address);
        var session = await doomed.OpenSessionAsync(id);
        using var shared = await session.OpenSharedMemoryAsync();
        Assert.Equal(before + 2, service.CountRegions());

        // Its connection breaks in the middle of everything.
        await doomed.DisposeAsync();

        await service.WaitForRegionsAsync(before + 1);
        await service.Client.DeleteSessionAsync(id);
        await service.WaitForRegionsAsync(before);
    }

    [Fact]
    public async Task DeleteSession_WithMapsOutstanding_FreesTheServiceAndHarmsNobody()
    {
        var before = service.CountRegions();
        var id = await CreateAsync();
        await using var session = await service.Client.OpenSessionAsync(id);
        using var shared = await session.OpenSharedMemoryAsync();
        FillGradients(session, shared, 1);
        await shared.StepAsync();
        var weights = shared.Weight(0).ToArray();

        await service.Client.DeleteSessionAsync(id);

        await service.WaitForRegionsAsync(before);
        await Assert.ThrowsAsync<SessionDeletedException>(() => shared.StepAsync());
        Assert.Equal(Bits.Of(weights), Bits.Of(shared.Weight(0)));
        shared.Gradient(0).Fill(1);
        Assert.Equal(1f, shared.Gradient(0)[70_000]);
    }

    [Fact]
    public async Task OpenSessionAsync_TakesTheWorkerOver_TheOlderMemoryIsGivenBack()
    {
        var before = service.CountRegions();
        var id = await CreateAsync();
        await using var older = await service.Client.OpenSessionAsync(id);
        using var old = await older.OpenSharedMemoryAsync();
        using var engine = MakeEngine();

        await using var newer = await service.Client.OpenSessionAsync(id, new OpenOptions { Takeover = true });
        using var shared = await newer.OpenSharedMemoryAsync();

        await service.WaitForRegionsAsync(before + 2);
        var fenced = await Assert.ThrowsAsync<WorkerFencedException>(() => older.OpenSharedMemoryAsync());
        Assert.Equal(newer.WorkerEpoch.ToString(CultureInfo.InvariantCulture), fenced.Metadata["worker_epoch"]);
        await Assert.ThrowsAsync<WorkerFencedException>(() => old.StepAsync());
        FillGradients(newer, shared, 1);
        await shared.StepAsync();
        Apply(engine, 1);
        AssertWeights(engine, shared);
    }

    [Fact]
    public async Task Tokens_UsedTwiceOrForAnotherSession_AreRefused()
    {
        await using var session = await service.Client.OpenSessionAsync(await CreateAsync());
        await using var another = await service.Client.OpenSessionAsync(await CreateAsync());
        using var channel = GrpcChannel.ForAddress(service.Address);
        var opened = await OpenAsync(channel, session);

        await FetchAsync(opened.Token, session);
        var twice = await Assert.ThrowsAsync<IOException>(() => FetchAsync(opened.Token, session));
        var first = (await OpenAsync(channel, session)).Token;
        var second = (await OpenAsync(channel, session)).Token;
        var replaced = await Assert.ThrowsAsync<IOException>(() => FetchAsync(first, session));
        var foreign = await Assert.ThrowsAsync<IOException>(() => FetchAsync(second, another));
        var made = await Assert.ThrowsAsync<IOException>(() => FetchAsync(ByteString.CopyFrom(new byte[16]), session));

        Assert.All([twice, replaced, foreign, made], refusal => Assert.Contains("good for nothing", refusal.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task BeginRead_AnotherWorkersStepInBetween_IsNoticed()
    {
        var id = await CreateAsync();
        await using var session = await service.Client.OpenSessionAsync(id);
        await using var other = await service.Client.OpenSessionAsync(id, new OpenOptions { WorkerId = "other" });
        using var shared = await session.OpenSharedMemoryAsync();

        var began = shared.BeginRead();
        var unchanged = shared.IsUnchanged(began);
        var result = await other.StepAsync([new TensorGradient(4, Values(12, 1))]);
        var changed = !shared.IsUnchanged(began);

        Assert.True(unchanged);
        Assert.True(changed);
        Assert.Equal(result.Version, shared.Version);
        Assert.True(shared.IsUnchanged(shared.BeginRead()));
    }

    [Fact]
    public async Task Dispose_Memory_ThrowsInsteadOfBeingTouched()
    {
        await using var session = await service.Client.OpenSessionAsync(await CreateAsync());
        var shared = await session.OpenSharedMemoryAsync();

        shared.Dispose();
        shared.Dispose();

        Assert.Throws<ObjectDisposedException>(() => shared.Gradient(0).Length);
        Assert.Throws<ObjectDisposedException>(() => shared.Version);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => shared.StepAsync());
        Assert.True(session.IsOpen);
    }

    private static Task<V1.OpenSharedMemoryResponse> OpenAsync(GrpcChannel channel, OptimizerSession session) =>
        new V1.Training.TrainingClient(channel).OpenSharedMemoryAsync(new V1.OpenSharedMemoryRequest
        {
            Session = SessionMapping.ToWire(session.Reference), WorkerId = session.WorkerId, WorkerEpoch = session.WorkerEpoch,
        }).ResponseAsync;

    private async Task FetchAsync(ByteString token, OptimizerSession session)
    {
        var (gradients, weights) = await DescriptorExchange.RunAsync(service.SocketPath, token, session.Reference.Uid, CancellationToken.None);
        gradients.Dispose();
        weights.Dispose();
    }

    private static void AssertRefused(Action attempt)
    {
        var refusal = Record.Exception(attempt);
        Assert.True(refusal is IOException or UnauthorizedAccessException, $"It was allowed, or failed otherwise: {refusal}");
    }

    private async Task<SessionRef> CreateAsync(OptimizerSettings? settings = null)
    {
        var created = await service.Client.CreateSessionAsync(new SessionSpec
        {
            Optimizer = settings ?? new OptimizerSettings(),
            Tensors = Tensors,
            InitialWeights = [.. Tensors.Select((tensor, index) => Weights(tensor, index))],
        });
        return created.Reference;
    }

    private static ReadOnlyTensorMemory Weights(TensorSpec tensor, int index) => tensor.DType == Client.TensorDType.Float16
        ? Array.ConvertAll(Values(tensor.ElementCount, index), static value => (Half)value)
        : Values(tensor.ElementCount, index);

    private static AdamOptimizer MakeEngine(OptimizerOptions? options = null)
    {
        var engine = new AdamOptimizer(options ?? new OptimizerOptions(), [.. Tensors.Select(Variable)]);
        for (var index = 0; index < Tensors.Count; index++)
        {
            var values = Values(Tensors[index].ElementCount, index);
            var weights = engine.Slot(index, AdamSlot.Weights);
            for (var i = 0; i < values.Length; i++)
            {
                if (weights.DType == Engine.TensorDType.Float16)
                {
                    weights.Span<Half>()[i] = (Half)values[i];
                }
                else
                {
                    weights.Span<float>()[i] = values[i];
                }
            }
        }

        return engine;
    }

    private static VariableSpec Variable(TensorSpec tensor) => new(tensor.Name, tensor.Shape)
    {
        DType = tensor.DType == Client.TensorDType.Float16 ? Engine.TensorDType.Float16 : Engine.TensorDType.Float32,
        GradientDType = tensor.GradientDType is null ? null : Engine.TensorDType.Float32,
        Role = tensor.Role == TensorRole.Frozen ? VariableRole.Frozen : VariableRole.Trainable,
        Constraint = tensor.Constraint is null ? null : new Engine.MaxNormConstraint(0.5, 0),
    };

    // All gradients are float32, those of the float16 tensor too.
    private static void FillGradients(OptimizerSession session, SharedTensors shared, int step)
    {
        for (var position = 0; position < session.TrainableTensors.Count; position++)
        {
            var tensor = session.TrainableTensors[position];
            Values(Tensors[tensor].ElementCount, 1000 * step + tensor).CopyTo(shared.Gradient(position));
        }
    }

    private static void Apply(AdamOptimizer engine, int step, params int[] listed)
    {
        var tensors = listed.Length > 0 ? listed : [.. Enumerable.Range(0, Tensors.Count).Where(index => Tensors[index].Role != TensorRole.Frozen)];
        List<TensorBuffer> memory = [.. tensors.Select(index => TensorBuffer.Of(Values(Tensors[index].ElementCount, 1000 * step + index)))];
        engine.Apply([.. tensors.Select((index, position) => new Gradient(index, memory[position].View))]);
        memory.ForEach(buffer => buffer.Dispose());
    }

    private static void AssertWeights(AdamOptimizer engine, SharedTensors shared)
    {
        for (var index = 0; index < Tensors.Count; index++)
        {
            var expected = engine.Slot(index, AdamSlot.Weights);
            var actual = shared.Weights[index];
            Assert.Equal(expected.Bytes(0, (int)expected.ElementCount).ToArray(), actual.Room(0, actual.Length).ToArray());
        }
    }

    private static float[] Values(long count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
