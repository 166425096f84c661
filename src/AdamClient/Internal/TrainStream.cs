using Grpc.Core;

namespace Adam.Client.Internal;

/// <summary>The stream under a session: sends and receives messages, and says why it ended.</summary>
/// <remarks>
/// It is cancelled as a whole by <see cref="Abort"/>: once a message of a batch is on its way there is no telling whether the service
/// has it, and only opening again can find out. One batch may be sent while the answer to another is received.
/// </remarks>
internal sealed class TrainStream : IAsyncDisposable
{
    private static readonly Grpc.Core.WriteOptions MoreFollows = new(WriteFlags.BufferHint);
    private static readonly TimeSpan FarewellMax = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _abort = new();
    private readonly AsyncDuplexStreamingCall<V1.TrainRequest, V1.TrainResponse> _call;

    public TrainStream(CallInvoker invoker)
    {
        _call = invoker.AsyncDuplexStreamingCall(V1.TensorMethods.Train, host: null, CallPolicy.Streaming(_abort.Token));
    }

    /// <summary>True once <see cref="Abort"/> was called.</summary>
    public bool IsAborted => _abort.IsCancellationRequested;

    /// <summary>Ends the stream at once. Whoever waits on it sees a cancellation.</summary>
    public void Abort()
    {
        try
        {
            _abort.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // A token of the caller may fire just after the stream was disposed; it is over then.
        }
    }

    /// <summary>Sends one message. It may refer to memory of the caller, which is free again when this returns.</summary>
    /// <param name="message">The message.</param>
    /// <param name="more">True if another message follows at once: small ones then share a packet.</param>
    /// <exception cref="StreamEndedException">The stream has ended.</exception>
    public async Task SendAsync(V1.TrainRequest message, bool more)
    {
        try
        {
            _call.RequestStream.WriteOptions = more ? MoreFollows : Grpc.Core.WriteOptions.Default;
            await _call.RequestStream.WriteAsync(message, CancellationToken.None);
        }
        catch (Exception refused) when (refused is RpcException or InvalidOperationException)
        {
            // Whatever the transport says, the status is on the other side, which may have answers to read before it.
            throw new StreamEndedException(refused);
        }
    }

    /// <summary>Waits for the next message.</summary>
    /// <exception cref="AdamException">The stream has ended, or was ended by <see cref="Abort"/>.</exception>
    public async Task<V1.TrainResponse> ReceiveAsync()
    {
        try
        {
            return await _call.ResponseStream.MoveNext(CancellationToken.None)
                ? _call.ResponseStream.Current
                : throw ErrorTranslator.BrokenContract("The service ended the stream while an answer was due.");
        }
        catch (RpcException failure)
        {
            throw ErrorTranslator.Translate(failure, CancellationToken.None);
        }
    }

    /// <summary>Says goodbye and waits until the service has let the worker go, so that it can be opened again at once.</summary>
    public async Task FinishAsync()
    {
        _abort.CancelAfter(FarewellMax);
        try
        {
            await _call.RequestStream.CompleteAsync();
            while (await _call.ResponseStream.MoveNext(CancellationToken.None))
            {
                // Nothing is due any more; what still comes is of no use.
            }
        }
        catch (Exception ended) when (ended is RpcException or InvalidOperationException)
        {
            // The stream is over either way, and nobody waits for anything on it.
        }
    }

    public ValueTask DisposeAsync()
    {
        _call.Dispose();
        _abort.Dispose();
        return ValueTask.CompletedTask;
    }
}
