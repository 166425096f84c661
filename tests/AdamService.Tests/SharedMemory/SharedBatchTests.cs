using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Adam.Service.SharedMemory;
using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;
using Microsoft.Win32.SafeHandles;

namespace Adam.Service.Tests.SharedMemory;

/// <summary>Batches in shared memory over the wire, and what they are refused for. The regions are opened through <c>/proc</c>.</summary>
public sealed class SharedBatchTests : IAsyncLifetime
{
    private static readonly float[] A = [1, 2, 3];
    private static readonly float[] B = [4, 5];

    private TestService? _service;

    private TestService Service => _service ?? throw new InvalidOperationException("The service has not started.");

    public async Task InitializeAsync() => _service = await TestService.StartAsync(("SharedMemory:Enabled", "true"), ("SharedMemory:BytesMax", "100000"));

    public Task DisposeAsync() => Service.DisposeAsync().AsTask();

    [Fact]
    public async Task Train_SharedBatch_IsWholeWithItsBeginAndHasTheBitsOfASentOne()
    {
        var (id, twin) = (await CreateAsync(), await CreateAsync());
        using var stream = await TrainClient.OpenAsync(Service, id);
        using var other = await TrainClient.OpenAsync(Service, twin);
        var opened = await OpenAsync(id, stream);
        using var gradients = Open(opened.Gradients, FileAccess.ReadWrite);
        using var weights = Open(opened.Weights, FileAccess.Read);
        Assert.Equal(A, Read(weights, opened.Weights.Tensors[0]));

        Write(gradients, opened.Gradients.Tensors[0], [0.1f, -0.2f, 0.3f]);
        Write(gradients, opened.Gradients.Tensors[1], [7, -8]);
        await stream.BeginAsync(Shared(1, ReplyKind.Weights));
        var answer = await stream.ReadAnswerAsync();
        var sent = await other.StepAsync(1, [0.1f, -0.2f, 0.3f], [7, -8]);

        Assert.Equal(BatchOutcome.Applied, answer.Result.Outcome);
        for (var tensor = 0; tensor < 2; tensor++)
        {
            Assert.Equal(sent.Tensor(tensor), answer.Tensor(tensor));
            Assert.Equal(sent.Tensor(tensor), Read(weights, opened.Weights.Tensors[tensor]));
        }

        var header = new byte[24];
        RandomAccess.Read(weights, header, 0);
        Assert.Equal("ADAMSHM1"u8, header.AsSpan(0, 8));
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(8)) % 2);
        Assert.Equal(answer.Result.Version, BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(16)));

        // A repeat is answered without looking at the memory, which has other gradients by now.
        Write(gradients, opened.Gradients.Tensors[0], [9, 9, 9]);
        await stream.BeginAsync(Shared(1, ReplyKind.None));
        Assert.Equal(BatchOutcome.Duplicate, (await stream.ReadAnswerAsync()).Result.Outcome);
        Assert.Equal(sent.Tensor(0), Read(weights, opened.Weights.Tensors[0]));
    }

    [Fact]
    public async Task Step_SharedBatch_NeedsTheWorkersStream()
    {
        var id = await CreateAsync();
        var request = new StepRequest { Session = Requests.Ref(id), WorkerId = "w", Begin = Shared(1, ReplyKind.None) };
        await Refusal.OfAsync(
            StatusCode.FailedPrecondition, ErrorReason.SharedMemoryNotOpen, async () => await Service.Training.StepAsync(request, TestService.Call()));
        using var stream = await TrainClient.OpenAsync(Service, id);
        await Refusal.OfAsync(
            StatusCode.FailedPrecondition, ErrorReason.SharedMemoryNotOpen, async () => await Service.Training.StepAsync(request, TestService.Call()));
        var opened = await OpenAsync(id, stream);
        using var gradients = Open(opened.Gradients, FileAccess.ReadWrite);
        Write(gradients, opened.Gradients.Tensors[0], [1, 1, 1]);

        request.Gradients.Add(Requests.Data(0, [1, 1, 1]));
        var both = await Refusal.OfAsync(
            StatusCode.InvalidArgument, ErrorReason.InvalidField, async () => await Service.Training.StepAsync(request, TestService.Call()));
        request.Gradients.Clear();
        var result = await Service.Training.StepAsync(request, TestService.Call());

        Assert.Contains("gradients", both.Fields);
        Assert.Equal(BatchOutcome.Applied, result.Result.Outcome);
    }

    [Fact]
    public async Task Train_SharedBatchWithoutMemory_IsRefusedAndTheStreamGoesOn()
    {
        var id = await CreateAsync();
        using var stream = await TrainClient.OpenAsync(Service, id);

        await stream.BeginAsync(Shared(1, ReplyKind.None));
        (await stream.ReadAnswerAsync()).Refused().AssertIs(StatusCode.FailedPrecondition, ErrorReason.SharedMemoryNotOpen);
        var next = await stream.StepAsync(1, [1, 1, 1], [1, 1]);

        Assert.Equal(BatchOutcome.Applied, next.Result.Outcome);
    }

    [Fact]
    public async Task Train_SharedBatchWithAWrongDigest_IsRefused()
    {
        var id = await CreateAsync();
        using var stream = await TrainClient.OpenAsync(Service, id);
        await OpenAsync(id, stream);
        var begin = Shared(1, ReplyKind.None);
        begin.SharedGradients.Commit = new BatchCommit { Digest = new BatchDigest { Crc32C = 1 } };

        await stream.BeginAsync(begin);

        (await stream.ReadAnswerAsync()).Refused().AssertIs(StatusCode.InvalidArgument, ErrorReason.DigestMismatch);
    }

    [Fact]
    public async Task BeginBatch_Shared_SaysWhereItBelongs()
    {
        var id = await CreateAsync();
        var request = new BeginBatchRequest { Session = Requests.Ref(id), WorkerId = "w", Begin = Shared(1, ReplyKind.None) };

        var refusal = await Refusal.OfAsync(
            StatusCode.InvalidArgument, ErrorReason.InvalidField, async () => await Service.Training.BeginBatchAsync(request, TestService.Call()));

        Assert.Equal(["begin.shared_gradients"], refusal.Fields);
    }

    [Fact]
    public async Task OpenSharedMemory_WithoutAStreamOrOfAnOlderEpoch_IsRefused()
    {
        var id = await CreateAsync();
        var request = new OpenSharedMemoryRequest { Session = Requests.Ref(id), WorkerId = "w", WorkerEpoch = 1 };
        await Refusal.OfAsync(
            StatusCode.FailedPrecondition,
            ErrorReason.SharedMemoryNotOpen,
            async () => await Service.Training.OpenSharedMemoryAsync(request, TestService.Call()));
        using var stream = await TrainClient.OpenAsync(Service, id);
        request.WorkerEpoch = stream.Opened.WorkerEpoch + 1;

        await Refusal.OfAsync(
            StatusCode.Aborted, ErrorReason.WorkerFenced, async () => await Service.Training.OpenSharedMemoryAsync(request, TestService.Call()));
    }

    [Fact]
    public async Task OpenSharedMemory_Twice_ReturnsTheSameRegionsAndAnotherToken()
    {
        var id = await CreateAsync();
        using var stream = await TrainClient.OpenAsync(Service, id);

        var first = await OpenAsync(id, stream);
        var second = await OpenAsync(id, stream);

        Assert.Equal((first.Gradients, first.Weights), (second.Gradients, second.Weights));
        Assert.NotEqual(first.Token, second.Token);
        Assert.Equal((16, Environment.ProcessId, ""), (second.Token.Length, (int)second.ProcessId, second.SocketPath));
    }

    [Fact]
    public async Task OpenSharedMemory_BeyondTheBound_IsRefusedAndNothingIsKept()
    {
        var id = await CreateAsync(new float[20_000]);
        using var stream = await TrainClient.OpenAsync(Service, id);
        var reserved = Service.Memory.ReservedBytes;

        var refusal = await Refusal.OfAsync(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => OpenAsync(id, stream));

        Assert.Equal("SharedMemory:BytesMax", refusal.Metadata["option"]);
        Assert.Equal(reserved, Service.Memory.ReservedBytes);
        Assert.Equal(0, Service.Get<RegionBudget>().Bytes);
    }

    [Fact]
    public async Task Regions_WithStreamAndSession_AreGivenBack()
    {
        var id = await CreateAsync();
        var reserved = Service.Memory.ReservedBytes;
        using (var stream = await TrainClient.OpenAsync(Service, id))
        {
            await OpenAsync(id, stream);
            Assert.Equal(reserved + 4096 + 8192, Service.Memory.ReservedBytes);
            Assert.Equal(4096 + 8192, Service.Get<RegionBudget>().Bytes);
            await stream.CloseAsync();
        }

        Assert.Equal(8192, Service.Get<RegionBudget>().Bytes);
        await Service.Sessions.DeleteSessionAsync(new DeleteSessionRequest { Session = Requests.Ref(id) }, TestService.Call());
        await Eventually.EqualAsync(0L, () => Service.Get<RegionBudget>().Bytes);
        await Eventually.EqualAsync(0L, () => Service.Memory.ReservedBytes);
    }

    [Fact]
    public async Task Step_EveryOtherWay_KeepsTheHeaderUpToDate()
    {
        var id = await CreateAsync();
        using var stream = await TrainClient.OpenAsync(Service, id);
        var opened = await OpenAsync(id, stream);
        using var weights = Open(opened.Weights, FileAccess.Read);

        await Service.Training.StepAsync(Requests.Step(id, "x", Requests.Begin(1), [1, 1, 1], [1, 1]), TestService.Call());
        var stepped = ReadVersion(weights);
        await Service.Sessions.UpdateSessionAsync(
            new UpdateSessionRequest
            {
                Session = Requests.Ref(id),
                Update = new SessionUpdate { LearningRate = new LearningRate { Value = 0.5 } },
                UpdateMask = new Google.Protobuf.WellKnownTypes.FieldMask { Paths = { "learning_rate" } },
            },
            TestService.Call());
        var session = (await Service.Sessions.GetSessionAsync(new GetSessionRequest { Session = Requests.Ref(id) }, TestService.Call())).Session;

        Assert.Equal(2UL, stepped);
        Assert.Equal(session.Version, ReadVersion(weights));
    }

    private static BatchBegin Shared(ulong sequence, ReplyKind reply)
    {
        var begin = Requests.Begin(sequence, reply);
        begin.SharedGradients = new SharedGradients();
        return begin;
    }

    private async Task<string> CreateAsync(params float[][] initial)
    {
        var id = Requests.NewId();
        await Service.Sessions.CreateSessionAsync(Requests.Create(id, initial.Length > 0 ? initial : [A, B]), TestService.Call());
        return id;
    }

    private async Task<OpenSharedMemoryResponse> OpenAsync(string id, TrainClient stream) => await Service.Training.OpenSharedMemoryAsync(
        new OpenSharedMemoryRequest { Session = Requests.Ref(id), WorkerId = "w", WorkerEpoch = stream.Opened.WorkerEpoch }, TestService.Call());

    private static SafeFileHandle Open(V1.SharedRegion region, FileAccess access) =>
        File.OpenHandle(region.DescriptorPath, FileMode.Open, access, FileShare.ReadWrite);

    private static void Write(SafeFileHandle file, SharedTensor tensor, float[] values)
    {
        Assert.Equal((ulong)values.Length * sizeof(float), tensor.Bytes);
        RandomAccess.Write(file, MemoryMarshal.AsBytes(values.AsSpan()), (long)tensor.Offset);
    }

    private static float[] Read(SafeFileHandle file, SharedTensor tensor)
    {
        var values = new float[tensor.Bytes / sizeof(float)];
        RandomAccess.Read(file, MemoryMarshal.AsBytes(values.AsSpan()), (long)tensor.Offset);
        return values;
    }

    private static ulong ReadVersion(SafeFileHandle weights)
    {
        var bytes = new byte[8];
        RandomAccess.Read(weights, bytes, 16);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
