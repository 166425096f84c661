using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>The requests of a call.</summary>
internal sealed class ClientStreamWriter<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call, RequestStreamContent content)
    : IClientStreamWriter<TRequest>
    where TRequest : class
    where TResponse : class
{
    private readonly WriteGate _gate = new();
    private readonly OutgoingMessage _outgoing = new();
    private readonly HeldBytes _held = new();
    private Task _completion = Task.CompletedTask;

    public WriteOptions? WriteOptions { get; set; } = call.Options.WriteOptions;

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        _gate.Enter();
        try
        {
            call.Serialize(_outgoing, message, WriteOptions);
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((GrpcCall<TRequest, TResponse>)state!).AbortByCaller(token), call);
            await SendAsync(_outgoing.Frame(), (WriteOptions?.Flags ?? default).HasFlag(WriteFlags.BufferHint));
        }
        finally
        {
            _outgoing.Release();
            _gate.Leave();
        }
    }

    public Task CompleteAsync()
    {
        if (_gate.TryEnterToComplete())
        {
            _completion = EndAsync();
        }

        return _completion;
    }

    /// <summary>Sends what was announced to be followed by more, and is not; then ends the requests.</summary>
    private async Task EndAsync()
    {
        try
        {
            if (!_held.IsEmpty)
            {
                await SendAsync([], isFollowed: false);
            }

            content.Complete();
        }
        catch (Exception ended) when (ended is RpcException or InvalidOperationException)
        {
            // The call is over, which whoever reads is told. What the server has must not look like all of it.
            content.Abandon();
        }
        catch
        {
            content.Abandon();
            throw;
        }
        finally
        {
            _gate.Leave();
        }
    }

    private async Task SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> pieces, bool isFollowed)
    {
        ThrowIfEnded();
        try
        {
            Stream stream = await OpenAsync();
            await _held.WriteAsync(stream, pieces, call.Aborted);
            if (!isFollowed)
            {
                await _held.SendAsync(stream, call.Aborted);
                await stream.FlushAsync(call.Aborted);
            }
        }
        catch (Exception exception) when (exception
            is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            CallOutcome outcome = await call.FindOutcomeAsync();
            throw outcome.Status.StatusCode == StatusCode.OK ? Ended() : call.ToException(outcome);
        }
    }

    /// <summary>The stream to write to. A call that fails before its headers are sent never gives one.</summary>
    private async Task<Stream> OpenAsync()
    {
        Task<Stream> stream = content.Stream;
        if (!stream.IsCompleted)
        {
            await Task.WhenAny(stream, call.Outcome);
        }

        return stream.IsCompletedSuccessfully ? await stream : throw new OperationCanceledException();
    }

    private void ThrowIfEnded()
    {
        if (call.Outcome is { IsCompletedSuccessfully: true, Result: { } outcome })
        {
            throw outcome.Status.StatusCode == StatusCode.OK ? Ended() : call.ToException(outcome);
        }
    }

    private static InvalidOperationException Ended() => new("Can't write the message because the call is complete.");
}
