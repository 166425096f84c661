using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.Support;

/// <summary>One Train stream, message by message.</summary>
public sealed class TrainClient : IDisposable
{
    private readonly AsyncDuplexStreamingCall<TrainRequest, TrainResponse> _call;

    private TrainClient(AsyncDuplexStreamingCall<TrainRequest, TrainResponse> call) => _call = call;

    /// <summary>The first answer.</summary>
    public TrainOpened Opened { get; private set; } = new();

    /// <summary>Opens a stream of a worker.</summary>
    public static Task<TrainClient> OpenAsync(
        TestService service, string sessionId, string worker = "w", bool takeover = false, CancellationToken cancellationToken = default) =>
        OpenAsync(
            service, new TrainOpen { Session = Requests.Ref(sessionId), WorkerId = worker, Takeover = takeover }, cancellationToken);

    public static async Task<TrainClient> OpenAsync(TestService service, TrainOpen open, CancellationToken cancellationToken = default)
    {
        var client = Start(service, cancellationToken);
        try
        {
            await client.SendAsync(new TrainRequest { Open = open });
            client.Opened = (await client.ReadAsync()).Opened;
            Assert.NotNull(client.Opened);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Starts a call without sending anything.</summary>
    public static TrainClient Start(TestService service, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(service);
        return new TrainClient(service.Training.Train(TestService.Call(cancellationToken)));
    }

    public Task SendAsync(TrainRequest message) => _call.RequestStream.WriteAsync(message);

    public Task BeginAsync(BatchBegin begin) => SendAsync(new TrainRequest { Begin = begin });

    public Task ChunkAsync(TensorChunk chunk) => SendAsync(new TrainRequest { Chunk = chunk });

    public Task CommitAsync(BatchCommit? commit = null) => SendAsync(new TrainRequest { Commit = commit ?? new BatchCommit() });

    /// <summary>Sends a whole batch: tensor i has the i-th gradient.</summary>
    public Task SendBatchAsync(ulong sequence, params float[][] gradients) => SendBatchAsync(Requests.Begin(sequence), gradients);

    public async Task SendBatchAsync(BatchBegin begin, params float[][] gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        await BeginAsync(begin);
        for (var tensor = 0; tensor < gradients.Length; tensor++)
        {
            await ChunkAsync(Requests.Chunk(tensor, 0, gradients[tensor]));
        }

        await CommitAsync();
    }

    /// <summary>Sends a whole batch and reads its answer.</summary>
    public Task<Answer> StepAsync(ulong sequence, params float[][] gradients) => StepAsync(Requests.Begin(sequence), gradients);

    public async Task<Answer> StepAsync(BatchBegin begin, params float[][] gradients)
    {
        await SendBatchAsync(begin, gradients);
        return await ReadAnswerAsync();
    }

    /// <summary>Reads one message.</summary>
    public async Task<TrainResponse> ReadAsync()
    {
        Assert.True(await _call.ResponseStream.MoveNext(default), "The stream has ended.");
        return _call.ResponseStream.Current;
    }

    /// <summary>Reads a result and, where one is announced, its whole reply.</summary>
    public async Task<Answer> ReadAnswerAsync()
    {
        var result = (await ReadAsync()).Result;
        Assert.NotNull(result);
        return await ReadReplyAsync(result);
    }

    /// <summary>Reads the reply that a result announces, if it does.</summary>
    public async Task<Answer> ReadReplyAsync(BatchResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var chunks = new List<TensorChunk>();
        if (result.ReplyKind == ReplyKind.None)
        {
            return new Answer(result, chunks, null);
        }

        while (true)
        {
            var message = await ReadAsync();
            if (message.MessageCase == TrainResponse.MessageOneofCase.ReplyEnd)
            {
                Assert.Equal(result.Sequence, message.ReplyEnd.Sequence);
                return new Answer(result, chunks, message.ReplyEnd);
            }

            Assert.Equal(TrainResponse.MessageOneofCase.Chunk, message.MessageCase);
            chunks.Add(message.Chunk);
        }
    }

    /// <summary>Says that no more batches come, and waits for the service to agree.</summary>
    public async Task CloseAsync()
    {
        await _call.RequestStream.CompleteAsync();
        Assert.False(await _call.ResponseStream.MoveNext(default));
    }

    /// <summary>Says that no more batches come.</summary>
    public Task CompleteAsync() => _call.RequestStream.CompleteAsync();

    public void Dispose() => _call.Dispose();

    /// <summary>Waits for the service to refuse to go on.</summary>
    internal Task<Refusal> ReadRefusalAsync() => Refusal.OfAsync(async () => await _call.ResponseStream.MoveNext(default));
}
