using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Writing is all or nothing.</summary>
public sealed class WriteTensorsTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = Floats.Random(6, 1);
    private static readonly float[] Other = Floats.Random(6, 2);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    public static TheoryData<StatusCode, ErrorReason, WriteTensorsRequest[]> Bad => new()
    {
        { StatusCode.InvalidArgument, ErrorReason.ProtocolViolation, [] },
        { StatusCode.InvalidArgument, ErrorReason.ProtocolViolation, [new WriteTensorsRequest()] },
        { StatusCode.InvalidArgument, ErrorReason.ProtocolViolation, [Commit()] },
        { StatusCode.InvalidArgument, ErrorReason.ProtocolViolation, [Begin(), Whole()] },
        { StatusCode.InvalidArgument, ErrorReason.ProtocolViolation, [Begin(), Begin(), Commit()] },
        { StatusCode.InvalidArgument, ErrorReason.ProtocolViolation, [Begin(), Whole(), Commit(), Commit()] },
        { StatusCode.InvalidArgument, ErrorReason.TensorIncomplete, [Begin(), Whole(), Part(), Commit()] },
        { StatusCode.InvalidArgument, ErrorReason.TensorMismatch, [Begin(), Whole(), Whole(), Commit()] },
        { StatusCode.InvalidArgument, ErrorReason.InvalidField, [Begin(), Whole(), Commit(-1)] },
        { StatusCode.InvalidArgument, ErrorReason.InvalidField, [Begin(), Whole(), Commit(1L << 31)] },
        { StatusCode.InvalidArgument, ErrorReason.InvalidField, [Begin(), Whole(), Chunk(chunk => chunk.TensorIndex = 2), Commit()] },
        { StatusCode.InvalidArgument, ErrorReason.InvalidField, [Begin(), Whole(), Chunk(chunk => chunk.Slot = Slot.Average), Commit()] },
        { StatusCode.InvalidArgument, ErrorReason.InvalidField, [Begin(), Whole(), Chunk(chunk => chunk.Slot = (Slot)99), Commit()] },
        { StatusCode.Unimplemented, ErrorReason.NotImplemented, [Begin(), Whole(), Chunk(chunk => chunk.Codec = new ChunkCodec()), Commit()] },
        { StatusCode.Unimplemented, ErrorReason.NotImplemented, [Begin(), Whole(), Chunk(chunk => chunk.Dtype = DType.Float16), Commit()] },
        { StatusCode.FailedPrecondition, ErrorReason.VersionMismatch, [Begin(ifVersion: 2), Whole(), Commit()] },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task WriteTensors_BadStream_WritesNothing(StatusCode code, ErrorReason reason, WriteTensorsRequest[] messages)
    {
        await _service.CreateAsync(Requests.Create(_id, Initial, Initial));

        await Refusal.OfAsync(code, reason, () => SendAsync(messages));

        var read = await _service.ReadAsync(_id, Slot.Weights);
        Assert.Equal((1ul, 0L), (read.Header.Version, read.Header.Groups[0].Iterations));
        Bits.AssertSame(Initial, read.Tensor(0, Slot.Weights), "t0");
    }

    [Fact]
    public async Task WriteTensors_SlotsAndIterations_AreReadBack()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial, Initial));
        var moment = Requests.Chunk(1, 0, Initial);
        moment.Slot = Slot.SecondMoment;

        var response = await _service.WriteAsync(
            new WriteBegin { Session = Requests.Ref(_id), IfVersion = 1 }, new WriteCommit { Iterations = 41 }, Requests.Chunk(0, 0, Other), moment);

        var read = await _service.ReadAsync(_id, Slot.Weights, Slot.SecondMoment);
        Assert.Equal((2ul, 2ul, SessionState.Ready), (response.Version, read.Header.Version, response.State));
        Assert.Equal(41, read.Header.Groups[0].Iterations);
        Bits.AssertSame(Other, read.Tensor(0, Slot.Weights), "t0");
        Bits.AssertSame(Initial, read.Tensor(1, Slot.Weights), "t1");
        Bits.AssertSame(new float[6], read.Tensor(0, Slot.SecondMoment), "v of t0");
        Bits.AssertSame(Initial, read.Tensor(1, Slot.SecondMoment), "v of t1");
    }

    private static WriteTensorsRequest Begin(ulong? ifVersion = null)
    {
        var begin = new WriteBegin { Session = new SessionRef() };
        if (ifVersion is { } version)
        {
            begin.IfVersion = version;
        }

        return new WriteTensorsRequest { Begin = begin };
    }

    private static WriteTensorsRequest Whole() => new() { Chunk = Requests.Chunk(0, 0, Other) };

    private static WriteTensorsRequest Part() => new() { Chunk = Requests.Chunk(1, 1, Other.AsSpan(1)) };

    private static WriteTensorsRequest Chunk(Action<TensorChunk> change)
    {
        var chunk = Requests.Chunk(1, 0, Other);
        change(chunk);
        return new WriteTensorsRequest { Chunk = chunk };
    }

    private static WriteTensorsRequest Commit(long? iterations = null)
    {
        var commit = new WriteCommit();
        if (iterations is { } value)
        {
            commit.Iterations = value;
        }

        return new WriteTensorsRequest { Commit = commit };
    }

    private async Task SendAsync(WriteTensorsRequest[] messages)
    {
        using var call = _service.Training.WriteTensors(TestService.Call());
        try
        {
            foreach (var message in messages)
            {
                var own = message.Clone();
                own.Begin?.Session.MergeFrom(Requests.Ref(_id));
                await call.RequestStream.WriteAsync(own);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (RpcException)
        {
            // The service may refuse before everything was sent; the answer says why.
        }

        await call.ResponseAsync;
    }
}
