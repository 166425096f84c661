using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>A refused Step changes nothing, not even the list of workers.</summary>
public sealed class StepRefusalTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = [1, 2, 3];
    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task Step_SequenceGapOfAnUnknownWorker_LeavesNoWorkerBehind()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));

        await Refusal.OfAsync(
            StatusCode.OutOfRange,
            ErrorReason.SequenceGap,
            () => _service.StepAsync(Requests.Step(_id, "stranger", Requests.Begin(2), Initial)));

        Assert.Empty((await _service.GetAsync(_id)).Workers);
    }

    [Fact]
    public async Task Step_ReplyChunkBytes_IsRefused()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        var begin = Requests.Begin(1);
        begin.Reply = new ReplySpec { ChunkBytes = 4096 };

        var refusal = await Refusal.OfAsync(
            StatusCode.InvalidArgument,
            ErrorReason.InvalidField,
            () => _service.StepAsync(Requests.Step(_id, "w", begin, Initial)));

        Assert.Equal(["begin.reply.chunk_bytes"], refusal.Fields);
    }

    [Fact]
    public async Task Step_EmptyTensorTwice_IsRefused()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial, []));

        var refusal = await Refusal.OfAsync(
            StatusCode.InvalidArgument,
            ErrorReason.InvalidField,
            () =>
            {
                var request = Requests.Step(_id, "w", Requests.Begin(1), Initial, []);
                request.Gradients.Add(Requests.Data(1, []));
                return _service.StepAsync(request);
            });

        Assert.Equal(["gradients"], refusal.Fields);
    }

    [Fact]
    public async Task Step_ReplyThatDoesNotFitIntoAMessage_IsRefusedBeforeMemoryIsTaken()
    {
        await using var service = await TestService.StartAsync(
            ("Limits:MessageBytesMax", "65536"), ("Limits:ChunkBytesMax", "4096"), ("Limits:MemoryBytes", "300000"));
        var session = Requests.Create("s", [0], new float[24_000]);
        session.InitialValues.Clear();
        await service.CreateAsync(session);
        var begin = new BatchBegin { Sequence = 1, ListedTensors = Requests.Indexes(0) };
        var request = new StepRequest { Session = Requests.Ref("s"), WorkerId = "w", Begin = begin, Gradients = { Requests.Data(0, [1]) } };

        var refusal = await Refusal.OfAsync(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => service.StepAsync(request));

        Assert.Equal("MessageBytesMax", refusal.Metadata["limit"]);
    }
}
