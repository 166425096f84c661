using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Service.Tests.Recovery;

/// <summary>Who had a worker last, after a restart: a stream that was taken over does not take the worker back from one that has trained.</summary>
public sealed class RecoveredEpochTests : IDisposable
{
    private static readonly float[] Initial = Floats.Random(50, 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Train_AfterARestart_StreamThatWasTakenOver_IsFenced(bool isCrash)
    {
        ulong older, newer;
        await using (var service = await StartAsync("data"))
        {
            await service.CreateAsync(Requests.Create("s", Initial));
            using var first = await OpenAsync(service, "first", null);
            await first.StepAsync(1, Initial);
            using var second = await OpenAsync(service, "second", null);
            await second.StepAsync(2, Initial);
            (older, newer) = (first.Opened.WorkerEpoch, second.Opened.WorkerEpoch);
            if (isCrash)
            {
                await CrashCopy.TakeAsync(_folder["data"], _folder["crashed"]);
            }
        }

        await using var again = await StartAsync(isCrash ? "crashed" : "data");

        var fenced = await Refusal.OfAsync(StatusCode.Aborted, ErrorReason.WorkerFenced, () => OpenAsync(again, "first", older));
        Assert.Equal($"{newer}", fenced.Metadata["worker_epoch"]);
        using var back = await OpenAsync(again, "second", newer);
        Assert.True(back.Opened.WorkerEpoch > newer);
        Assert.Equal(BatchOutcome.Applied, (await back.StepAsync(3, Initial)).Result.Outcome);
    }

    // Epochs of another service may be above all that this one gives.
    [Fact]
    public async Task Train_WorkerThatComesFromAnotherService_GetsAnEpochAboveIts()
    {
        await using var service = await StartAsync("data");
        await service.CreateAsync(Requests.Create("s", Initial));
        var session = service.Get<Adam.Service.Sessions.SessionRegistry>().Find("s")!;
        await session.RunAsync(
            core =>
            {
                core.Workers.Keep(new Adam.Service.Sessions.Worker("w") { NextSequence = 5, TrainedEpoch = 1ul << 40 });
                return true;
            },
            CancellationToken.None);

        using var stream = await OpenAsync(service, "mine", 1ul << 40);

        Assert.Equal((1ul << 40) + 1, stream.Opened.WorkerEpoch);
    }

    private static Task<TrainClient> OpenAsync(TestService service, string opener, ulong? knownEpoch)
    {
        var open = new TrainOpen { Session = Requests.Ref("s"), WorkerId = "w", Takeover = true, Opener = ByteString.CopyFromUtf8(opener) };
        if (knownEpoch is { } epoch)
        {
            open.KnownEpoch = epoch;
        }

        return TrainClient.OpenAsync(service, open);
    }

    private Task<TestService> StartAsync(string name) => TestService.StartAsync(("Durability:Directory", _folder[name]));
}
