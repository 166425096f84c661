using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Who comes back says what it knows of its worker, and takes nothing from anybody of whom it does not know.</summary>
public sealed class KnownEpochTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = Floats.Random(6, 1);
    private static readonly float[] Gradient = Floats.Random(6, 2);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Theory]
    [InlineData("mine", "other")]
    [InlineData("mine", "")]
    [InlineData("", "other")]
    [InlineData("", "")]
    public async Task Train_SomebodyElseHasTheWorker_IsFencedAndTakesNothingOver(string own, string others)
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var older = await OpenAsync(own);
        using var newer = await OpenAsync(others);

        var fenced = await FencedAsync(own, older.Opened.WorkerEpoch);

        Assert.Equal($"{newer.Opened.WorkerEpoch}", fenced.Metadata["worker_epoch"]);
        Assert.Equal(BatchOutcome.Applied, (await newer.StepAsync(1, Gradient)).Result.Outcome);
    }

    [Fact]
    public async Task Train_SomebodyElseHadTheWorkerAndLeft_IsFenced()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var older = await OpenAsync("mine");
        using (var newer = await OpenAsync("other"))
        {
            await newer.StepAsync(1, Gradient);
            await newer.CloseAsync();
        }

        await FencedAsync("mine", older.Opened.WorkerEpoch);

        using var knowing = await OpenAsync("mine", older.Opened.WorkerEpoch + 1);
        Assert.Equal(2ul, knowing.Opened.NextSequence);
    }

    [Fact]
    public async Task Train_HigherEpochIsOfTheSameOpener_IsTaken()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var first = await OpenAsync("mine");

        // The answer is lost: the caller goes on with what it knew.
        using var lost = await OpenAsync("mine", first.Opened.WorkerEpoch);
        using var again = await OpenAsync("mine", first.Opened.WorkerEpoch);

        Assert.Equal((2ul, 3ul), (lost.Opened.WorkerEpoch, again.Opened.WorkerEpoch));
        (await lost.ReadRefusalAsync()).AssertIs(StatusCode.Aborted, ErrorReason.WorkerFenced);
        Assert.Equal(BatchOutcome.Applied, (await again.StepAsync(1, Gradient)).Result.Outcome);
    }

    [Fact]
    public async Task Train_OpenerTooLong_IsRefused()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));

        var refusal = await Refusal.OfAsync(StatusCode.InvalidArgument, ErrorReason.InvalidField, () => OpenAsync(new string('x', 65)));

        Assert.Equal(["open.opener"], refusal.Fields);
        using var longest = await OpenAsync(new string('x', 64));
    }

    private Task<TrainClient> OpenAsync(string opener, ulong? knownEpoch = null)
    {
        var open = new TrainOpen { Session = Requests.Ref(_id), WorkerId = "w", Takeover = true, Opener = ByteString.CopyFromUtf8(opener) };
        if (knownEpoch is { } epoch)
        {
            open.KnownEpoch = epoch;
        }

        return TrainClient.OpenAsync(_service, open);
    }

    private Task<Refusal> FencedAsync(string opener, ulong knownEpoch) =>
        Refusal.OfAsync(StatusCode.Aborted, ErrorReason.WorkerFenced, () => OpenAsync(opener, knownEpoch));
}
