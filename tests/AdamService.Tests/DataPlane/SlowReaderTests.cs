using Adam.Service.Sessions;
using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Clients that leave their replies lying while the session is to change. No reply of these fits into what the sockets take.</summary>
public sealed class SlowReaderTests
{
    private const int LargeElements = 4 << 20;
    private const long LargeBytes = (long)LargeElements * sizeof(float);

    private static readonly float[] Small = Floats.Random(100, 1);
    private static readonly float[] Gradient = Floats.Random(100, 2);
    private static readonly (string Name, string Value) AtOnce = ("Limits:ReaderPatienceSeconds", "0");
    private static readonly (string Name, string Value) Never = ("Limits:ReaderPatienceSeconds", "600");

    [Fact]
    public async Task Train_PatienceOver_TheStepGoesOnAndTheReplyIsOfItsVersion()
    {
        await using var service = await StartAsync(AtOnce);
        using var slow = await TrainClient.OpenAsync(service, "s", "slow");
        await slow.SendBatchAsync(LargeFirst(1), Gradient);
        var result = (await slow.ReadAsync()).Result;

        await service.StepAsync(Requests.Step("s", "quick", Requests.Begin(1, ReplyKind.None), Gradient));
        var answer = await slow.ReadReplyAsync(result);

        Assert.Equal(3ul, answer.End!.Version);
        Bits.AssertSame(new Replica(Small).Apply(Gradient).Weights(), answer.Tensor(0), "t0");
        AssertFilled(0.5f, answer.Tensor(1));
        Assert.Equal(4ul, (await service.GetAsync("s")).Version);
    }

    [Fact]
    public async Task Train_PatienceNotOver_TheStepWaitsForTheReader()
    {
        await using var service = await StartAsync(Never);
        using var slow = await TrainClient.OpenAsync(service, "s", "slow");
        await slow.SendBatchAsync(LargeFirst(1), Gradient);
        var result = (await slow.ReadAsync()).Result;

        var step = service.StepAsync(Requests.Step("s", "quick", Requests.Begin(1, ReplyKind.None), Gradient));
        await Eventually.EqualAsync(true, () => service.Get<SessionRegistry>().Find("s")!.IsChangeWaiting);
        var behind = service.GetAsync("s");
        Assert.False(step.IsCompleted || behind.IsCompleted);
        var answer = await slow.ReadReplyAsync(result);
        await step;

        Assert.Equal((3ul, 4ul), (answer.End!.Version, (await behind).Version));
        Bits.AssertSame(new Replica(Small).Apply(Gradient).Weights(), answer.Tensor(0), "t0");
    }

    [Fact]
    public async Task Train_NextBatchOfTheSameStream_IsDecidedBehindItsReply()
    {
        // The client commits batch after batch and reads nothing before it has sent the last: as many as it has credits for.
        await using var service = await StartAsync(Never);
        using var slow = await TrainClient.OpenAsync(service, "s", "slow");
        await slow.SendBatchAsync(1, Gradient);
        await slow.SendBatchAsync(2, Gradient);

        var first = await slow.ReadAnswerAsync();
        var second = await slow.ReadAnswerAsync();
        await slow.CloseAsync();

        Assert.Equal((3ul, 4ul), (first.End!.Version, second.End!.Version));
        Bits.AssertSame(new Replica(Small).Apply(Gradient).Weights(), first.Tensor(0), "t0 of the first reply");
        Bits.AssertSame(new Replica(Small).Apply(Gradient).Apply(Gradient).Weights(), second.Tensor(0), "t0 of the second reply");
    }

    [Fact]
    public async Task Train_NoMemoryForTheRest_EndsTheSlowStreamAndNothingIsLost()
    {
        // Room for the session and one large tensor, which another session takes.
        await using var service = await StartAsync(AtOnce, ("Limits:MemoryBytes", $"{(2 * LargeBytes) + (2 << 20)}"));
        await service.CreateAsync(new CreateSessionRequest
        {
            SessionId = "t", Tensors = { new TensorSpec { Name = "large", Shape = { LargeElements }, Role = TensorRole.Frozen } },
        });
        using var slow = await TrainClient.OpenAsync(service, "s", "slow");
        await slow.SendBatchAsync(LargeFirst(1), Gradient);
        var result = (await slow.ReadAsync()).Result;

        await service.StepAsync(Requests.Step("s", "quick", Requests.Begin(1, ReplyKind.None), Gradient));
        var refusal = await Refusal.OfAsync(StatusCode.Aborted, ErrorReason.VersionEvicted, () => slow.ReadReplyAsync(result));
        using var again = await TrainClient.OpenAsync(service, "s", "slow", takeover: true);

        Assert.Equal("3", refusal.Metadata["version"]);
        Assert.Contains("Read the weights again with ReadTensors", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((2ul, 4ul), (again.Opened.NextSequence, again.Opened.Version));
    }

    [Fact]
    public async Task Train_ClientGoneWithItsReplyOut_HoldsNobodyBack()
    {
        await using var service = await StartAsync(Never);
        using var cancellation = new CancellationTokenSource();
        using var slow = await TrainClient.OpenAsync(service, "s", "slow", cancellationToken: cancellation.Token);
        await slow.SendBatchAsync(1, Gradient);
        await slow.ReadAsync();
        var step = service.StepAsync(Requests.Step("s", "quick", Requests.Begin(1, ReplyKind.None), Gradient));

        await cancellation.CancelAsync();

        Assert.Equal(BatchOutcome.Applied, (await step).Result.Outcome);
    }

    [Fact]
    public async Task ReadTensors_WhileAWriteComes_IsOfOneVersion()
    {
        await using var service = await StartAsync(AtOnce);
        using var read = service.Training.ReadTensors(new ReadTensorsRequest { Session = Requests.Ref("s") }, TestService.Call());
        Assert.True(await read.ResponseStream.MoveNext(default));
        var header = read.ResponseStream.Current.Header;

        await FillAsync(service, 0.25f);
        var chunks = new List<TensorChunk>();
        while (await read.ResponseStream.MoveNext(default) && read.ResponseStream.Current.Chunk is { } chunk)
        {
            chunks.Add(chunk);
        }

        Assert.Equal(header.Version, read.ResponseStream.Current.End.Version);
        AssertFilled(0.5f, new ReadResult(header, chunks).Tensor(1, Slot.Weights));
        AssertFilled(0.25f, await service.ReadWeightsAsync("s", 1));
    }

    [Fact]
    public async Task DeleteSession_WhileItIsRead_EndsTheReaderAndGivesTheMemoryBack()
    {
        await using var service = await StartAsync(AtOnce);
        using var read = service.Training.ReadTensors(new ReadTensorsRequest { Session = Requests.Ref("s") }, TestService.Call());
        Assert.True(await read.ResponseStream.MoveNext(default));

        await service.DeleteAsync("s");
        await Eventually.EqualAsync(0, () => service.Memory.ReservedBytes);

        await Refusal.OfAsync(StatusCode.Aborted, ErrorReason.SessionDeleted, async () =>
        {
            while (await read.ResponseStream.MoveNext(default))
            {
                if (read.ResponseStream.Current.Chunk.TensorIndex == 1)
                {
                    AssertFilled(0.5f, Floats.FromBytes(read.ResponseStream.Current.Chunk.Data));
                }
            }
        });
    }

    [Fact]
    public async Task Stop_WithAReplyOut_EndsTheStream()
    {
        await using var service = await StartAsync(Never, ("Server:DrainSeconds", "0.3"));
        using var slow = await TrainClient.OpenAsync(service, "s", "slow");
        await slow.SendBatchAsync(LargeFirst(1), Gradient);
        var result = (await slow.ReadAsync()).Result;
        var step = service.StepAsync(Requests.Step("s", "quick", Requests.Begin(1, ReplyKind.None), Gradient));

        await service.StopAsync();

        // The step that waited for the reply is applied when the stream has been ended, or refused; it does not hang.
        await Assert.ThrowsAsync<RpcException>(() => slow.ReadReplyAsync(result));
        await step.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    // What the next step changes is sent last.
    private static BatchBegin LargeFirst(ulong sequence)
    {
        var begin = Requests.Begin(sequence);
        begin.Reply.Tensors = Requests.Indexes(1, 0);
        return begin;
    }

    private static void AssertFilled(float expected, float[] values) => Assert.Equal(-1, values.AsSpan().IndexOfAnyExcept(expected));

    // A small tensor that is trained and a large one that only is sent.
    private static async Task<TestService> StartAsync(params (string Name, string Value)[] settings)
    {
        var service = await TestService.StartAsync(settings);
        var request = Requests.Create("s", Small);
        request.Tensors.Add(new TensorSpec { Name = "large", Shape = { LargeElements }, Role = TensorRole.Frozen });
        await service.CreateAsync(request);
        await FillAsync(service, 0.5f);
        return service;
    }

    private static async Task FillAsync(TestService service, float value)
    {
        var values = Enumerable.Repeat(value, 1 << 18).ToArray();
        await service.WriteAsync(
            new WriteBegin { Session = Requests.Ref("s") },
            new WriteCommit(),
            [.. Enumerable.Range(0, LargeElements / values.Length).Select(i => Requests.Chunk(1, i * values.Length, values))]);
    }
}
