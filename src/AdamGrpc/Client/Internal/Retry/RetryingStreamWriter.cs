using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal.Retry;

/// <summary>The requests of a call that may be repeated. A write ends when an attempt has sent the message, be it not the first.</summary>
internal sealed class RetryingStreamWriter<TRequest, TResponse>(RetryingCall<TRequest, TResponse> call) : IClientStreamWriter<TRequest>
    where TRequest : class
    where TResponse : class
{
    private readonly WriteGate _gate = new();

    public WriteOptions? WriteOptions { get; set; } = call.Options.WriteOptions;

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        _gate.Enter();
        try
        {
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((RetryingCall<TRequest, TResponse>)state!).AbortByCaller(token), call);
            RequestFrame frame = call.Append(Serialize(message), !(WriteOptions?.Flags ?? default).HasFlag(WriteFlags.BufferHint));
            await Task.WhenAny(frame.Sent, call.WhenSilentAsync());
            if (!frame.Sent.IsCompleted)
            {
                throw await FindCauseAsync();
            }
        }
        finally
        {
            _gate.Leave();
        }
    }

    public Task CompleteAsync()
    {
        if (_gate.TryEnterToComplete())
        {
            call.CompleteRequests();
            _gate.Leave();
        }

        return Task.CompletedTask;
    }

    private byte[] Serialize(TRequest message)
    {
        PooledMessageBuffer buffer = new();
        try
        {
            call.First.Serialize(buffer, message, WriteOptions);
            return buffer.Frame().ToArray();
        }
        finally
        {
            buffer.Release();
        }
    }

    private async Task<Exception> FindCauseAsync()
    {
        GrpcCall<TRequest, TResponse> committed = await call.FindCommittedAsync();
        CallOutcome outcome = await committed.FindOutcomeAsync();
        return outcome.Status.StatusCode == StatusCode.OK
            ? new InvalidOperationException("Can't write the message because the call is complete.")
            : committed.ToException(outcome);
    }
}
