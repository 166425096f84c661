using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Who trains: opening, opening again, taking over.</summary>
public sealed class TrainWorkerTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = Floats.Random(6, 1);
    private static readonly float[] Gradient = Floats.Random(6, 2);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task Train_FirstOpen_SaysWhereTheSessionStands()
    {
        var session = await _service.CreateAsync(Requests.Create(_id, Initial));

        using var stream = await TrainClient.OpenAsync(_service, _id);

        Assert.Equal(
            new TrainOpened
            {
                WorkerEpoch = 1,
                SessionUid = session.SessionUid,
                Generation = 1,
                Version = 1,
                NextSequence = 1,
                Credits = 2,
                MaxChunkBytes = 1 << 20,
                LossScale = 1,
                Tensors =
                {
                    new TensorSpec
                    {
                        Name = "t0", Shape = { 6 }, Dtype = DType.Float32, GradientDtype = DType.Float32, Role = TensorRole.Trainable,
                        RowUpdates = RowUpdates.Dense,
                    },
                },
            },
            stream.Opened);
    }

    [Fact]
    public async Task Train_OpenAgain_GoesOnWhereTheWorkerStopped()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        Answer last;
        using (var stream = await TrainClient.OpenAsync(_service, _id))
        {
            await stream.StepAsync(1, Gradient);
            await stream.BeginAsync(Requests.Begin(2));
            await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient));
            await stream.CommitAsync(new BatchCommit { ClientCursor = ByteString.CopyFromUtf8("epoch 3, sample 17") });
            last = await stream.ReadAnswerAsync();
            await stream.CloseAsync();
        }

        using var again = await TrainClient.OpenAsync(_service, _id);

        Assert.Equal((2ul, 3ul, 3ul), (again.Opened.WorkerEpoch, again.Opened.NextSequence, again.Opened.Version));
        Assert.Equal("epoch 3, sample 17", again.Opened.ClientCursor.ToStringUtf8());
        var known = last.Result.Clone();
        known.ReplyKind = ReplyKind.None;
        Assert.Equal(known, again.Opened.LastResult);
        Assert.Equal(BatchOutcome.Applied, (await again.StepAsync(3, Gradient)).Result.Outcome);
    }

    [Fact]
    public async Task Train_ClientCursorTooLong_IsRejected()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient));
        await stream.CommitAsync(new BatchCommit { ClientCursor = ByteString.CopyFrom(new byte[4097]) });

        Assert.Equal(["commit.client_cursor"], (await stream.ReadAnswerAsync()).Refused().Fields);
    }

    [Fact]
    public async Task Train_SecondStreamWithoutTakeover_IsBusy()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await Refusal.OfAsync(StatusCode.FailedPrecondition, ErrorReason.WorkerBusy, () => TrainClient.OpenAsync(_service, _id));

        Assert.Equal(BatchOutcome.Applied, (await stream.StepAsync(1, Gradient)).Result.Outcome);
    }

    [Fact]
    public async Task Train_Takeover_FencesTheOlderStream()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var older = await TrainClient.OpenAsync(_service, _id);
        await older.StepAsync(1, Gradient);
        await older.BeginAsync(Requests.Begin(2));

        using var newer = await TrainClient.OpenAsync(_service, _id, takeover: true);
        var fenced = await older.ReadRefusalAsync();

        fenced.AssertIs(StatusCode.Aborted, ErrorReason.WorkerFenced);
        Assert.Equal("2", fenced.Metadata["worker_epoch"]);
        Assert.Equal(2ul, newer.Opened.NextSequence);
        Assert.Equal(BatchOutcome.Applied, (await newer.StepAsync(2, Gradient)).Result.Outcome);

        // The end of the fenced stream must not let the newer one go.
        await Refusal.OfAsync(StatusCode.FailedPrecondition, ErrorReason.WorkerBusy, () => TrainClient.OpenAsync(_service, _id));
    }

    [Fact]
    public async Task Step_WithAStaleEpoch_IsFenced()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var older = await TrainClient.OpenAsync(_service, _id);
        using var newer = await TrainClient.OpenAsync(_service, _id, takeover: true);
        var request = Requests.Step(_id, "w", Requests.Begin(1), Gradient);

        request.WorkerEpoch = 1;
        var fenced = await Refusal.OfAsync(StatusCode.Aborted, ErrorReason.WorkerFenced, () => _service.StepAsync(request));
        request.WorkerEpoch = 2;
        var applied = await _service.StepAsync(request);

        Assert.Equal("2", fenced.Metadata["worker_epoch"]);
        Assert.Equal(BatchOutcome.Applied, applied.Result.Outcome);
    }

    [Fact]
    public async Task Train_TwoWorkers_AreNumberedApart()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var one = await TrainClient.OpenAsync(_service, _id, "one");
        using var two = await TrainClient.OpenAsync(_service, _id, "two");

        await one.StepAsync(1, Gradient);
        await one.StepAsync(2, Gradient);
        var answer = await two.StepAsync(1, Gradient);

        Assert.Equal(BatchOutcome.Applied, answer.Result.Outcome);
        Assert.Equal(
            [("one", 1ul, 3ul, true), ("two", 2ul, 2ul, true)],
            (await _service.GetAsync(_id)).Workers.Select(w => (w.WorkerId, w.WorkerEpoch, w.NextSequence, w.Connected)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-w")]
    [InlineData("a b")]
    public async Task Train_BadWorkerId_IsRefused(string worker)
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));

        var refusal = await Refusal.OfAsync(
            StatusCode.InvalidArgument, ErrorReason.InvalidField, () => TrainClient.OpenAsync(_service, _id, worker));

        Assert.Equal(["open.worker_id"], refusal.Fields);
    }

    [Fact]
    public async Task Train_UnknownFeature_IsUnimplemented()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        var open = new TrainOpen { Session = Requests.Ref(_id), WorkerId = "w", RequiredFeatures = { "telepathy" } };

        var refusal = await Refusal.OfAsync(
            StatusCode.Unimplemented, ErrorReason.UnknownFeature, () => TrainClient.OpenAsync(_service, open));

        Assert.Equal("telepathy", refusal.Metadata["features"]);
    }
}
