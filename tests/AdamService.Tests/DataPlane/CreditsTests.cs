using System.Threading.Channels;
using Adam.Service.Configuration;
using Adam.Service.ControlPlane;
using Adam.Service.DataPlane;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Tests.Support;
using Adam.Service.Threads;
using Adam.V1;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.DataPlane;

/// <summary>A stream between a client that sends and one that does not read, with the sockets taken out so that every moment can be held.</summary>
public sealed class CreditsTests : IDisposable
{
    private static readonly float[] Values = Floats.Random(10, 1);

    private readonly EngineThreads _threads = new();
    private readonly Engine.StepThreads _stepThreads = new(1);
    private readonly LimitsOptions _limits = new() { MemoryBytes = 1 << 20, CreditsPerStream = 2, ReaderPatienceSeconds = 0 };
    private readonly Service.Limits.MemoryBudget _budget;
    private readonly SessionActor _session;
    private readonly Held _requests = new();
    private readonly Gate _responses = new();
    private TimeSpan _drain = TimeSpan.FromSeconds(30);

    public CreditsTests()
    {
        var options = Options.Create(_limits);
        _budget = new Service.Limits.MemoryBudget(options);
        var factory = new SessionFactory(
            options, Options.Create(new DurabilityOptions()), _budget, _threads, _stepThreads, new StartCount(), TimeProvider.System);
        var request = Requests.Create("s", Values);
        _session = factory.Create(factory.Define(request), request);
    }

    public void Dispose()
    {
        _threads.Dispose();
        _stepThreads.Dispose();
    }

    [Fact]
    public async Task Train_ClientThatDoesNotRead_IsNotReadFromBeyondItsCredits()
    {
        _responses.Open(1);
        var running = Task.Run(() => RunAsync(CancellationToken.None));
        for (var sequence = 1ul; sequence <= 2; sequence++)
        {
            await _requests.HandOverBatchAsync(sequence);
        }

        // The third commit is taken from the wire, but there is no credit for it: nothing is read after it.
        await _requests.HandOverBatchAsync(3);
        Assert.False(_requests.IsWanted);
        Assert.Equal(2, await _session.RunAsync(core => core.Optimizer.Groups[0].Iterations, CancellationToken.None));

        _responses.Open(int.MaxValue);
        await _requests.Wanted;
        await _requests.EndAsync();
        await running;

        Assert.Equal([1ul, 2ul, 3ul], _responses.Written.Where(message => message.Result is not null).Select(message => message.Result.Sequence));

        // The reply that was held back was put aside, and the memory for the next one is kept.
        Assert.True(_budget.IdleBytes > 0);
        Assert.Equal(_session.Definition.StateBytes, _budget.ReservedBytes);
    }

    [Fact]
    public async Task Train_SmallReply_LeavesTogetherWithItsResult()
    {
        _responses.Open(int.MaxValue);
        var running = Task.Run(() => RunAsync(CancellationToken.None));
        // Together the replies are longer than what may wait of one.
        const int Batches = 300;
        for (var sequence = 1ul; sequence <= Batches; sequence++)
        {
            await _requests.HandOverBatchAsync(sequence);
        }

        await _requests.HandOverBatchAsync(Batches + 1, ReplyKind.None);
        await _requests.Wanted;
        await _requests.EndAsync();
        await running;

        (TrainResponse.MessageOneofCase, bool)[] answer =
            [(TrainResponse.MessageOneofCase.Result, true), (TrainResponse.MessageOneofCase.Chunk, true), (TrainResponse.MessageOneofCase.ReplyEnd, false)];
        Assert.Equal(
            [
                (TrainResponse.MessageOneofCase.Opened, false),
                .. Enumerable.Repeat(answer, Batches).SelectMany(static messages => messages),
                (TrainResponse.MessageOneofCase.Result, false),
            ],
            _responses.Announced);
    }

    [Fact]
    public async Task Train_CancelledWhileACommitWaitsForACredit_GivesEverythingBack()
    {
        using var cancellation = new CancellationTokenSource();
        _responses.Open(1);
        var running = Task.Run(() => RunAsync(cancellation.Token));
        for (var sequence = 1ul; sequence <= 3; sequence++)
        {
            await _requests.HandOverBatchAsync(sequence);
        }

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Equal(2, await _session.RunAsync(core => core.Optimizer.Groups[0].Iterations, CancellationToken.None));
        Assert.Equal(_session.Definition.StateBytes, _budget.ReservedBytes);
    }

    [Fact]
    public async Task Train_FencedAfterTheCommitAndBeforeItsTurn_RefusesTheBatch()
    {
        var lease = await OpenAsync(takeover: false);
        _responses.Open(int.MaxValue);
        var running = Task.Run(() => RunAsync(lease, CancellationToken.None));
        using var gate = new ManualResetEventSlim();
        var isHeld = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var holding = Task.Run(() => _session.RunAsync(
            _ =>
            {
                isHeld.SetResult();
                gate.Wait();
                return 0;
            },
            CancellationToken.None));
        await isHeld.Task;
        var takeover = OpenAsync(takeover: true);
        await _requests.HandOverBatchAsync(1);

        gate.Set();
        await holding;
        await takeover;
        var refusal = await Assert.ThrowsAsync<ServiceException>(() => running);

        Assert.Equal(ErrorReason.WorkerFenced, refusal.Reason);
        Assert.Equal(0, await _session.RunAsync(core => core.Optimizer.Groups[0].Iterations, CancellationToken.None));
        Assert.Equal(_session.Definition.StateBytes, _budget.ReservedBytes);
    }

    [Fact]
    public async Task Train_FencedBeforeTheAnswerOfAnAppliedBatchIsOut_AnswersItFirst()
    {
        var lease = await OpenAsync(takeover: false);
        _responses.Open(1);
        var running = Task.Run(() => RunAsync(lease, CancellationToken.None));
        await _requests.HandOverBatchAsync(1);
        await _requests.Wanted;
        Assert.Equal(1, await _session.RunAsync(core => core.Optimizer.Groups[0].Iterations, CancellationToken.None));

        await OpenAsync(takeover: true);
        await _requests.Interrupted;
        _responses.Open(int.MaxValue);
        var refusal = await Assert.ThrowsAsync<ServiceException>(() => running);

        Assert.Equal(ErrorReason.WorkerFenced, refusal.Reason);
        Assert.Equal(BatchOutcome.Applied, Assert.Single(_responses.Written, message => message.Result is not null).Result.Outcome);
        Assert.Equal(_session.Definition.StateBytes, _budget.ReservedBytes);
    }

    [Fact]
    public async Task Train_FencedWithAClientThatNeverReads_EndsAfterTheDrain()
    {
        _drain = TimeSpan.Zero;
        var lease = await OpenAsync(takeover: false);
        _responses.Open(1);
        var running = Task.Run(() => RunAsync(lease, CancellationToken.None));
        await _requests.HandOverBatchAsync(1);
        await _requests.Wanted;

        await OpenAsync(takeover: true);
        var refusal = await Assert.ThrowsAsync<ServiceException>(() => running);

        Assert.Equal(ErrorReason.WorkerFenced, refusal.Reason);
        Assert.Equal(_session.Definition.StateBytes, _budget.ReservedBytes);
    }

    private async Task RunAsync(CancellationToken callEnded) => await RunAsync(await OpenAsync(takeover: false), callEnded);

    private Task RunAsync(WorkerLease lease, CancellationToken callEnded)
    {
        var reply = ReplyPlan.Read(null, null, _session.Definition, _limits.ChunkBytesMax, "reply");
        var stream = new TrainStream(_session, lease, reply, _requests, _responses, new StubPatience(), _budget, _limits, _drain, NullLogger.Instance);
        return stream.RunAsync(new TrainOpened(), callEnded, CancellationToken.None, CancellationToken.None);
    }

    private Task<WorkerLease> OpenAsync(bool takeover) => _session.RunAsync(core => core.Workers.Open("w", takeover, null, Google.Protobuf.ByteString.Empty), CancellationToken.None);

    /// <summary>Requests that are handed over one by one, each only when the service asks for it.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for holds nothing.
    private sealed class Held : IAsyncStreamReader<TrainRequest>
    {
        private readonly Channel<int> _wanted = Channel.CreateUnbounded<int>();
        private readonly TaskCompletionSource _interrupted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource<TrainRequest?> _next = NewNext();
        private int _asks;
        private int _given;

        public TrainRequest Current { get; private set; } = new();

        /// <summary>Whether the service asks for a message now.</summary>
        public bool IsWanted => Volatile.Read(ref _asks) > _given;

        /// <summary>Ends when the service does not want the message any more that it asked for.</summary>
        public Task Interrupted => _interrupted.Task;

        /// <summary>Ends when the service asks for the next message: it has done all it can at once with the one before.</summary>
        public Task Wanted => _wanted.Reader.ReadAsync().AsTask();

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            _wanted.Writer.TryWrite(Interlocked.Increment(ref _asks));
            TrainRequest? message;
            try
            {
                message = await _next.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                _interrupted.SetResult();
                throw;
            }

            _next = NewNext();
            Current = message ?? new TrainRequest();
            return message is not null;
        }

        public async Task HandOverBatchAsync(ulong sequence, ReplyKind? reply = null)
        {
            var begin = Requests.Begin(sequence);
            begin.Reply = reply is { } kind ? new ReplySpec { Kind = kind } : begin.Reply;
            await HandOverAsync(new TrainRequest { Begin = begin });
            await HandOverAsync(new TrainRequest { Chunk = Requests.Chunk(0, 0, Values) });
            await HandOverAsync(new TrainRequest { Commit = new BatchCommit() });
        }

        public Task EndAsync()
        {
            Give(null);
            return Task.CompletedTask;
        }

        private static TaskCompletionSource<TrainRequest?> NewNext() => new();

        private async Task HandOverAsync(TrainRequest message)
        {
            await Wanted;
            Give(message);
        }

        // The service may be about to wait for it: what it has done with the message is certain only when it asks for the next one.
        private void Give(TrainRequest? message)
        {
            _given++;
            _next.SetResult(message);
        }
    }

    /// <summary>Responses that are let through one by one.</summary>
    private sealed class Gate : IServerStreamWriter<TrainResponse>
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _free;

        public WriteOptions? WriteOptions { get; set; }

        public List<TrainResponse> Written { get; } = [];

        /// <summary>What each was, and whether more was announced to follow.</summary>
        public List<(TrainResponse.MessageOneofCase Kind, bool IsFollowed)> Announced { get; } = [];

        public void Open(int messages)
        {
            _free = messages;
            if (messages == int.MaxValue)
            {
                _open.TrySetResult();
            }
        }

        public Task WriteAsync(TrainResponse message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(TrainResponse message, CancellationToken cancellationToken)
        {
            Announced.Add((message.MessageCase, (WriteOptions?.Flags ?? default).HasFlag(WriteFlags.BufferHint)));
            if (Written.Count >= _free)
            {
                await _open.Task.WaitAsync(cancellationToken);
            }

            Written.Add(message);
        }
    }
}
