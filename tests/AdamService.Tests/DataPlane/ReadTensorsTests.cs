using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

public sealed class ReadTensorsTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] First = Floats.Random(2000, 1);
    private static readonly float[] Second = Floats.Random(6, 2);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task ReadTensors_SlotsAndTensors_ComeInTheOrderThatWasAskedFor()
    {
        await _service.CreateAsync(Requests.Create(_id, First, Second));

        var read = await _service.ReadAsync(new ReadTensorsRequest
        {
            Session = Requests.Ref(_id),
            Slots = { Slot.SecondMoment, Slot.Weights },
            Tensors = Requests.Indexes(1, 0),
            ChunkBytes = 4096,
        });

        Assert.Equal(
            [
                (Slot.SecondMoment, 1u, 0ul), (Slot.SecondMoment, 0u, 0ul), (Slot.SecondMoment, 0u, 1024ul),
                (Slot.Weights, 1u, 0ul), (Slot.Weights, 0u, 0ul), (Slot.Weights, 0u, 1024ul),
            ],
            read.Chunks.Select(chunk => (chunk.Slot, chunk.TensorIndex, chunk.Offset)));
        Bits.AssertSame(First, read.Tensor(0, Slot.Weights), "t0");
    }

    [Fact]
    public async Task ReadTensors_NothingSaid_IsAllWeights()
    {
        await _service.CreateAsync(Requests.Create(_id, First, Second));

        var read = await _service.ReadAsync(_id);

        Assert.Equal([(Slot.Weights, 0u), (Slot.Weights, 1u)], read.Chunks.Select(chunk => (chunk.Slot, chunk.TensorIndex)));
        Assert.Equal((1ul, 1ul, false), (read.Header.Version, read.Header.Generation, read.Header.Unchanged));
    }

    [Fact]
    public async Task ReadTensors_IfNewerThan_SendsOnlyWhatIsNewer()
    {
        await _service.CreateAsync(Requests.Create(_id, Second));
        var request = new ReadTensorsRequest { Session = Requests.Ref(_id), IfNewerThan = 1 };

        var same = await _service.ReadAsync(request);
        await _service.StepAsync(Requests.Step(_id, "w", Requests.Begin(1), Second));
        var newer = await _service.ReadAsync(request);

        Assert.True(same.Header.Unchanged);
        Assert.Equal((2ul, false, 1), (newer.Header.Version, newer.Header.Unchanged, newer.Chunks.Count));
    }

    [Fact]
    public async Task ReadTensors_Version_MustBeThePresentOne()
    {
        await _service.CreateAsync(Requests.Create(_id, Second));
        await _service.StepAsync(Requests.Step(_id, "w", Requests.Begin(1), Second));
        var request = new ReadTensorsRequest { Session = Requests.Ref(_id), Version = 1 };

        var refusal = await Refusal.OfAsync(StatusCode.Aborted, ErrorReason.VersionEvicted, () => _service.ReadAsync(request));
        request.Version = 2;

        Assert.Equal("2", refusal.Metadata["version"]);
        Assert.Equal(2ul, (await _service.ReadAsync(request)).Header.Version);
    }

    [Fact]
    public async Task ReadTensors_WithoutValues_IsRefused()
    {
        await _service.CreateAsync(new CreateSessionRequest { SessionId = _id, Tensors = { new TensorSpec { Name = "t", Shape = { 1 } } } });

        await Refusal.OfAsync(StatusCode.FailedPrecondition, ErrorReason.NotInitialized, () => _service.ReadAsync(_id));
    }

    public static TheoryData<string, ReadTensorsRequest> Bad => new()
    {
        { "slots", new ReadTensorsRequest { Slots = { Slot.MaxSecondMoment } } },
        { "slots", new ReadTensorsRequest { Slots = { Slot.Average } } },
        { "slots", new ReadTensorsRequest { Slots = { Slot.Accumulator } } },
        { "slots", new ReadTensorsRequest { Slots = { (Slot)99 } } },
        { "tensors.indexes", new ReadTensorsRequest { Tensors = Requests.Indexes(2) } },
        { "tensors.indexes", new ReadTensorsRequest { Tensors = Requests.Indexes(0, 0) } },
        { "chunk_bytes", new ReadTensorsRequest { ChunkBytes = 100 } },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task ReadTensors_BadRequest_NamesTheField(string field, ReadTensorsRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        await _service.CreateAsync(Requests.Create(_id, First, Second));
        request.Session = Requests.Ref(_id);

        var refusal = await Refusal.OfAsync(StatusCode.InvalidArgument, ErrorReason.InvalidField, () => _service.ReadAsync(request));

        Assert.Equal([field], refusal.Fields);
    }
}
